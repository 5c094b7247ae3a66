#!/usr/bin/env bash
# A private PostgreSQL for tests: postgresql.sh up FOLDER [PID] | down FOLDER
# Listens on a Unix socket in FOLDER alone, as user postgres without a password (role locked_out needs
# one, if a test makes it), and never runs as root. With PID it stops when that process is gone. Fast and unsafe settings: tests only.
set -eu
action=$1 folder=$2 owner=${3:-}
programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n1)
[ -n "$programs" ] || { echo "postgresql.sh: no PostgreSQL server here; install postgresql" >&2; exit 1; }
as_user() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
stop() { as_user "$programs/pg_ctl" -D "$folder/data" -m "${MODE:-immediate}" -w -s stop; }
case $action in
  up)
    mkdir -p "$folder"
    chmod 711 "$folder"
    [ "$(id -u)" != 0 ] || chown postgres "$folder"
    cd "$folder"
    [ -e data/PG_VERSION ] ||
      as_user "$programs/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
        --no-sync >initdb.log 2>&1 || { cat initdb.log >&2; exit 1; }
    # One role must know its password.
    grep -q locked_out data/pg_hba.conf ||
      as_user sed -i '1i local all locked_out scram-sha-256' "$folder/data/pg_hba.conf"
    as_user "$programs/pg_ctl" -D "$folder/data" -w -t 30 -s -l "$folder/log" -o "-k $folder \
      -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=40" start ||
      { cat log >&2; exit 1; }
    [ -z "$owner" ] || (
      exec >/dev/null 2>&1 </dev/null
      while [ -d "/proc/$owner" ] && [ -e "$folder/data/postmaster.pid" ]; do sleep 1; done
      [ ! -e "$folder/data/postmaster.pid" ] || stop
    ) &
    ;;
  down) cd / && stop ;;
  *) echo "usage: postgresql.sh up FOLDER [PID] | down FOLDER" >&2; exit 2 ;;
esac
