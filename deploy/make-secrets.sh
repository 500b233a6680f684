#!/usr/bin/env bash
# Makes the secrets that docker-compose.yml mounts, in deploy/secrets/. What is there already stays as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
command -v openssl >/dev/null || { echo "make-secrets.sh: openssl is missing" >&2; exit 1; }

mkdir -p secrets
# Nobody else gets into the folder; the files inside must be readable to the containers' own users.
chmod 700 secrets
umask 022

random() { openssl rand -hex 24; }
keep() { # keep NAME: writes the standard input, unless there is one already
  local file=secrets/$1.txt
  if [ -s "$file" ]; then cat >/dev/null; else cat >"$file.new"; mv "$file.new" "$file"; echo "made deploy/$file"; fi
}

random | keep postgres_password
for service in registry interactions complaints scoring gateway; do
  echo "postgres://$service:$(random)@postgres:5432/$service" | keep "${service}_database_url"
done

random | keep broker_password
echo "amqp://guanxi:$(cat secrets/broker_password.txt)@rabbitmq:5672/%2f" | keep broker_url
printf 'default_user = guanxi\ndefault_pass = %s\n' "$(cat secrets/broker_password.txt)" | keep rabbitmq_conf

# The gateway signs with the seed; the services verify with the public key, which gives nothing away.
openssl rand -base64 32 | keep token_seed
{
  # An Ed25519 private key (RFC 8410) is this header and the seed.
  printf '\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20'
  openssl base64 -d -in secrets/token_seed.txt
} | openssl pkey -inform DER -pubout -outform DER | tail -c 32 | openssl base64 | keep token_public_key

printf 'gx_%s_%s\n' "$(openssl rand -hex 4)" "$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=')" | keep bootstrap_api_key
