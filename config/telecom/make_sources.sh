#!/usr/bin/env bash
# Makes the demo operator's source systems in FOLDER: m8.db (SQLite), crm_users.csv (GB18030),
# declarations.csv, gifts.csv, and faults.csv with what was planted. usage: make_sources.sh FOLDER
set -euo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
folder=$1
new=$(mktemp -d "$folder/.new.XXXXXX")
trap 'rm -rf "$new"' EXIT
luajit "$here/make_sources.lua" "$new"
iconv -f UTF-8 -t GB18030 "$new/crm_users.csv" >"$new/crm_users.gb"
mv "$new/crm_users.gb" "$new/crm_users.csv"
sqlite3 "$new/m8.db" <"$new/m8.sql"
rm "$new/m8.sql"
mv "$new"/* "$folder/"
