#!/bin/bash
# A database and a user per service; the keystore has a database and a user of its own. Runs once, on an empty volume.
# Passwords come from files that `muniment secrets compose` makes, and never stand in a command line or a log.
set -euo pipefail

for name in records keystore approvals audit retention; do
  psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 --username postgres --dbname postgres <<SQL
\\set password \`cat "/run/muniment/${name}_password"\`
CREATE ROLE ${name} LOGIN PASSWORD :'password';
CREATE DATABASE muniment_${name} OWNER ${name};
REVOKE ALL ON DATABASE muniment_${name} FROM PUBLIC;
SQL
done
