#!/usr/bin/env bash
# The stories against docker-compose.yml: every service in its container, through the published port of the gateway.
# A project and port of its own, so a system that runs already is left alone. --keep leaves it up.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
keep=
[ "${1:-}" != --keep ] || keep=1

export COMPOSE_PROJECT_NAME=${COMPOSE_PROJECT_NAME:-guanxi-tests} GUANXI_PORT=${GUANXI_PORT:-18080}
clean_up() {
  local code=$?
  [ "$code" = 0 ] || docker compose logs --no-color --tail 40 || true
  [ -n "$keep" ] || docker compose down --volumes --remove-orphans --timeout 15
  exit "$code"
}

deploy/make-secrets.sh
trap clean_up EXIT
docker compose up --detach --build --wait --wait-timeout 300

GUANXI_URL=http://127.0.0.1:$GUANXI_PORT
GUANXI_API_KEY=$(cat deploy/secrets/bootstrap_api_key.txt)
export GUANXI_URL GUANXI_API_KEY
cargo test --locked -p system-tests --features elsewhere --test stories -- elsewhere:: --test-threads 2

# Containers that are made anew keep nothing but their volumes.
customers() { curl --fail --silent --header "X-Api-Key: $GUANXI_API_KEY" "$GUANXI_URL/api/v1/customers?limit=200&sort=created_at"; }
before=$(customers)
docker compose down --timeout 15
docker compose up --detach --wait --wait-timeout 300
[ "$(customers)" = "$before" ] || { echo "compose.sh: the customers are not those from before 'down' and 'up'" >&2; exit 1; }
echo "the stories pass, and the data survive 'down' and 'up'"
