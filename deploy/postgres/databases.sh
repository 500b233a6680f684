#!/bin/bash
# Runs once, on an empty volume: a database and a role for each service, and nobody else may connect.
set -euo pipefail
for service in registry interactions complaints scoring gateway; do
  url=$(<"/run/secrets/${service}_database_url")
  password=${url#*://*:}
  password=${password%%@*}
  psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set service="$service" --set password="$password" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service" ENCODING 'UTF8' TEMPLATE template0;
REVOKE CONNECT ON DATABASE :"service" FROM PUBLIC;
SQL
done
