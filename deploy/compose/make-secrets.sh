#!/bin/sh
# Draws the secrets of compose.yaml into ./secrets, once: what is there stays as it is.
set -eu
cd "$(dirname "$0")"
if [ -e secrets ]; then
    echo "secrets/ is there already, and stays as it is"
    exit 0
fi

umask 077
mkdir secrets.new
cd secrets.new
postgres=$(openssl rand -hex 24)
redis=$(openssl rand -hex 24)
openssl rand -hex 32 > secret-key
echo "$postgres" > postgres-password
# Without TLS: the network between these containers leads nowhere else.
echo "postgres://gatewright:$postgres@postgres:5432/gatewright?sslmode=disable" > database-url
echo "redis://:$redis@redis:6379" > redis-url
printf 'requirepass %s\nsave ""\nmaxmemory 256mb\nmaxmemory-policy volatile-ttl\n' "$redis" > redis.conf
# The containers read these as users of their own. The folder keeps the other users of this machine out.
chmod 444 -- *
cd ..
mv secrets.new secrets
echo "made secrets/: keep a copy of secret-key where backups are"
