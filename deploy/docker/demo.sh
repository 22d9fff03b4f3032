#!/bin/sh
# demo.sh: builds the images, starts everything, files complaints and checks their traces; what was started keeps running.
# `docker compose -f deploy/docker/compose.yaml down` stops it, with --volumes also forgets it.
set -eu
cd "$(dirname "$0")"
./secrets.sh
docker compose run --build --rm demo
echo "The console is at http://127.0.0.1:${ROENTGEN_PORT:-1895}; the token to log in: $(cat secrets/roentgen_admin)"
