# shellcheck shell=bash
# Extract, twelve checks, publish: what do they cost against the same work written by hand in SQL?
printf '\n## Extract, twelve checks, publish\n'
printf 'Orders of 10 columns in CSV, 1 to 2 %% of the rows failing each check. By hand: one DuckDB script that writes\n'
printf 'the same columns, rejects and failing rows with the same settings and fsyncs them (orders/by_hand.sql).\n'
orders=$work/orders
mkdir -p "$orders/sources" "$orders/tables"
cp -r "$here/orders/." "$orders/"

# Seconds that the newest run spent on digests, sums, comparing keys and manifests.
proof_seconds() {
  local newest
  newest=$(ls -td "$orders"/.tallymill/attempts/*/ | head -n1)
  find "$newest" -name log.jsonl -exec cat {} + |
    sed -n 's/.*"proof_seconds":\([0-9.Ee+-]*\).*/\1/p' | awk '{s += $1} END {printf "%.3f", s}'
}

for rows in $sizes; do
  [ -e "$orders/sources/orders_$rows.csv" ] ||
    "$bin/duckdb_sql" "$orders/make_orders.sql" DIR="$orders" N="$rows"
  rm -rf "$orders/.tallymill"
  # The planted errors make the run end with 3, findings.
  compare "$rows rows" \
    tallymill "'$bin/tallymill' run orders --period 2026-01 --force --param rows=$rows --workspace '$orders' >/dev/null 2>&1" \
    "by hand" "'$bin/duckdb_sql' '$orders/by_hand.sql' DIR='$orders' N=$rows >/dev/null"
  printf '\nOf these, digest, sums, key comparison and manifest, which have no rival: %s s.\n' "$(proof_seconds)"
done
