#!/bin/sh
# secrets.sh: makes up the secrets of deploy/docker/compose.yaml, once; what is there already stays. Delete a file to have it
# made anew. Its group may read them: containers are members of it, and nobody else on the machine is.
set -eu
cd "$(dirname "$0")"
umask 027
mkdir -p secrets
chmod 0750 secrets

random() { head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

# put NAME TEXT: the secret, unless there is one.
put() {
  if [ ! -s "secrets/$1" ]; then
    printf '%s\n' "$2" > "secrets/$1"
    chmod 0440 "secrets/$1"
  fi
}

put API_KEY "$(random)"
put FIR_AUTH_KEY "$(random)"
put MYSQL_USER afirgen
put MYSQL_PASSWORD "$(random)"
put s3_credentials "[default]
aws_access_key_id = afirgen
aws_secret_access_key = $(random)"
for name in admin agent demo; do put "roentgen_$name" "$(random)"; done
rm -f secrets/roentgen_tokens
put roentgen_tokens "admin $(cat secrets/roentgen_admin)
agent $(cat secrets/roentgen_agent)
demo $(cat secrets/roentgen_demo)"

touch .env
if ! grep -q '^SECRETS_GID=' .env; then echo "SECRETS_GID=$(id -g)" >> .env; fi
