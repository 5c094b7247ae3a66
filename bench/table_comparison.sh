# shellcheck shell=bash
# What does it take to find the rows in which a table of a PostgreSQL server differs from a dataset?
printf '\n## A table on a server\n'
printf 'A stored month of 6 columns against the same table in PostgreSQL, in which one row of 10,000 has another amount: compare_table, a job\n'
printf 'with its worker. By hand: the whole table fetched with psql as CSV, then a full join in DuckDB (comparison/by_hand.sql). Both by a socket of this\n'
printf 'host: what a network adds to fetching everything is not in the figures, so the bytes are told, too.\n'
server=$(mktemp -d)
"$root/tests/servers/postgresql.sh" up "$server" $$
export COMPARISON_SERVER="host=$server dbname=postgres user=postgres"
for rows in $sizes; do
  compared=$work/comparison_$rows
  rm -rf "$compared"
  cp -r "$here/comparison" "$compared"
  psql -q -v ON_ERROR_STOP=1 -v rows="$rows" "$COMPARISON_SERVER" -f "$compared/make_table.sql" >/dev/null
  "$bin/tallymill" run gifts --period 2026-01 --param rows="$rows" --workspace "$compared" >/dev/null 2>&1
  compare "$rows rows" \
    tallymill "'$bin/tallymill' run compare --period 2026-01 --new --workspace '$compared' >/dev/null 2>&1" \
    "by hand" "psql -q '$COMPARISON_SERVER' -c '\\copy gifts to $compared/fetched.csv csv header' && '$bin/duckdb_sql' '$compared/by_hand.sql' FETCHED='$compared/fetched.csv' GIFTS='$(newest_part "$compared" gifts)' OUT='$compared/by_hand.csv'"
  found=$("$bin/tallymill" show server_is_whole.breaks --csv --workspace "$compared" | tail -n +2 | wc -l)
  by_hand=$(tail -n +2 "$compared/by_hand.csv" | wc -l)
  printf '\n%s differences listed here, %s by hand, which fetched %s MiB.\n' "$found" "$by_hand" "$(($(stat -c %s "$compared/fetched.csv") / 1048576))"
done
"$root/tests/servers/postgresql.sh" down "$server"
rm -rf "$server"
