# shellcheck shell=bash
# What does a cleanse of seven steps cost against the same rows by hand in SQL?
printf '\n## Cleansing: blanks, case, full-width forms, three forms of dates, a look-up, the latest row of each id\n'
printf 'Ten columns, 1 %% of the rows without a date, a tenth of the ids twice. By hand: the fastest SQL that peers were found to\n'
printf 'write (cleansing/by_hand.sql), which drops merged rows, makes null of what is no date, and counts no changed cells; Miller writes the same rows (cleansing/miller.sh).\n'
dirty=$work/cleansing
mkdir -p "$dirty/sources" "$dirty/tables"
cp -r "$here/cleansing/." "$dirty/"
sed -e 's/^graph: .*/graph: uncounted/' -e 's/\braw\b/raw2/g; s/\bclean\b/clean2/g' \
  -e 's/^    key: \[id\]/    changes: none\n&/' "$here/cleansing/graphs/cleansing.yaml" >"$dirty/graphs/uncounted.yaml"

make_customers() { # rows, of 10,000 names so many full-width, name
  [ -e "$dirty/sources/customers_$3.csv" ] ||
    "$bin/duckdb_sql" "$dirty/make_customers.sql" DIR="$dirty" N="$1" WIDE="$2" NAME="$3"
}

for rows in $sizes; do
  make_customers "$rows" 3000 "$rows"
  rm -rf "$dirty/.tallymill"
  csv="read_csv('$dirty/sources/customers_$rows.csv', header = true, columns = {'id': 'BIGINT', 'name': 'VARCHAR', 'dt': 'VARCHAR', 'code': 'VARCHAR', 'amount': 'VARCHAR', 'city': 'VARCHAR', 'flag': 'VARCHAR', 'updated_at': 'BIGINT', 'branch': 'VARCHAR', 'note': 'VARCHAR'})"
  rivals=()
  if command -v mlr >/dev/null && [ "$rows" -le 1000000 ]; then
    rivals+=("Miller, to CSV" "sh '$dirty/miller.sh' '$dirty' $rows")
  fi
  compare "$rows rows, CSV to clean Parquet" \
    "tallymill, extract and cleanse" "'$bin/tallymill' run cleansing --period 2026-01 --force --param rows=$rows --workspace '$dirty' >/dev/null 2>&1" \
    "${rivals[@]}" \
    "by hand, the raw rows kept too" "'$bin/duckdb_sql' '$dirty/raw_by_hand.sql' DIR='$dirty' FROM=\"$csv\" &&
      '$bin/duckdb_sql' '$dirty/by_hand.sql' DIR='$dirty' FROM=\"'$dirty/raw_by_hand.parquet'\"" \
    "by hand" "'$bin/duckdb_sql' '$dirty/by_hand.sql' DIR='$dirty' FROM=\"$csv\""
  "$bin/tallymill" run uncounted --period 2026-01 --param rows="$rows" --workspace "$dirty" >/dev/null 2>&1
  part=$(newest_part "$dirty" raw)
  compare "$rows rows, the cleanse alone, Parquet to Parquet" \
    "tallymill" "$(again "$dirty" cleansing clean)" \
    "tallymill, changes: none" "$(again "$dirty" uncounted clean2)" \
    "by hand" "'$bin/duckdb_sql' '$dirty/by_hand.sql' DIR='$dirty' FROM=\"'$part'\""

  # Full-width forms are what a name costs most by hand: without them it is another race.
  make_customers "$rows" 0 "plain_$rows"
  "$bin/tallymill" run cleansing --period 2026-01 --force --param rows="plain_$rows" --workspace "$dirty" >/dev/null 2>&1
  part=$(newest_part "$dirty" raw)
  compare "$rows rows without full-width forms, the cleanse alone" \
    "tallymill" "$(again "$dirty" cleansing clean)" \
    "by hand" "'$bin/duckdb_sql' '$dirty/by_hand.sql' DIR='$dirty' FROM=\"'$part'\""
done
