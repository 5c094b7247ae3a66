# shellcheck shell=bash
# What does a reconciliation with classes, causes, candidates, stable ids, digest and books cost against a join by hand?
printf '\n## Reconciliation\n'
printf 'Two systems of deals, 10 columns, four of them compared, 0.1 %% of the keys twice, from Parquet to breaks. By hand: group and join in SQL,\n'
printf 'the first row of a key only, neither ids, digest nor books (reconciliation/by_hand.sql); pandas: merge, CSV to CSV; sort: cut, sort and\n'
printf 'join of coreutils, CSV to CSV, the amount only. The cascade and the statement of three systems stand beside their joins by hand.\n'
deals=$work/reconciliation
mkdir -p "$deals/sources"
cp -r "$here/reconciliation/." "$deals/"

# run_first GRAPH ROWS: takes the feeds in and runs the job once.
run_first() {
  rm -rf "$deals/.tallymill"
  "$bin/tallymill" run "$1" --period 2026-01 --param rows="$2" --workspace "$deals" >/dev/null 2>&1 || [ $? -eq 3 ]
}

for rows in $sizes; do
  [ -e "$deals/sources/b_$rows.csv" ] || "$bin/duckdb_sql" "$deals/make_sides.sql" DIR="$deals" N="$rows"
  run_first keyed "$rows"
  rivals=()
  if /usr/bin/python3 -c 'import pandas' 2>/dev/null && [ "$rows" -le 1000000 ]; then
    rivals+=("pandas" "/usr/bin/python3 '$deals/merge.py' '$deals/sources/a_$rows.csv' '$deals/sources/b_$rows.csv' '$deals/merged.csv'")
  fi
  rivals+=("sort and join" "sh '$deals/sort_join.sh' '$deals/sources/a_$rows.csv' '$deals/sources/b_$rows.csv' '$deals'")
  compare "$rows keys" tallymill "$(again "$deals" keyed difference); [ \$? -eq 3 ]" "${rivals[@]}" \
    "by hand" "'$bin/duckdb_sql' '$deals/by_hand.sql' OURS='$(newest_part "$deals" ours)' THEIRS='$(newest_part "$deals" theirs)' OUT='$deals/by_hand.parquet'"
done

for rows in $sizes; do
  [ -e "$deals/sources/ledger_$rows.csv" ] || "$bin/duckdb_sql" "$deals/make_stages.sql" DIR="$deals" N="$rows"
  run_first staged "$rows"
  compare "$rows receipts, 5 % not equal" tallymill "$(again "$deals" staged receipts); [ \$? -eq 3 ]" \
    "exact stage by hand" "'$bin/duckdb_sql' '$deals/exact_by_hand.sql' BANK='$(newest_part "$deals" bank)' LEDGER='$(newest_part "$deals" ledger)' OUT='$deals/exact.parquet'"
done

rows=5000000
[ -e "$deals/sources/fund_$rows.csv" ] || "$bin/duckdb_sql" "$deals/make_systems.sql" DIR="$deals" N="$rows"
run_first systems "$rows"
compare "three systems of $rows" tallymill "$(again "$deals" systems statement); [ \$? -eq 3 ]" \
  "by hand" "'$bin/duckdb_sql' '$deals/systems_by_hand.sql' CRM='$(newest_part "$deals" crm)' DEALER='$(newest_part "$deals" dealer)' FUND='$(newest_part "$deals" fund)' OUT='$deals/systems.parquet'"
