# shellcheck shell=bash
# Sixteen checks of one published dataset, and 226 of eighty columns: what do they cost against the
# same questions asked by hand in SQL?
printf '\n## Sixteen checks of a published dataset\n'
printf 'Orders of 10 columns, 1 to 2 %% of the rows failing each check, read from the published Parquet file. tallymill: the whole\n'
printf 'program with its worker, every failing row kept and published, books closed. By hand: plain DuckDB SQL with the same\n'
printf 'settings, which keeps the failing rows (and fsyncs them) or only counts (suite/*.sql).\n'
suite=$work/suite
mkdir -p "$suite/sources" "$suite/tables"
cp -r "$here/suite/." "$suite/"
luajit "$suite/make_wide.lua" "$suite"

published() { # published GRAPH [ARGUMENT...]: runs it, and says so where it fails
  "$bin/tallymill" run "$@" --period 2026-01 --workspace "$suite" >"$work/suite.log" 2>&1 ||
    { cat "$work/suite.log" >&2; return 1; }
}
checked() { # the command that runs the checks of GRAPH; planted errors make it end with 3
  printf "'%s' run %s --period 2026-01 --force --workspace '%s' >/dev/null 2>&1" "$bin/tallymill" "$1" "$suite"
}
by_hand() {
  printf "'%s' '%s/%s.sql' DIR='%s' FILE='%s' >/dev/null" "$bin/duckdb_sql" "$suite" "$1" "$suite" "$2"
}

for rows in $sizes; do
  [ -e "$suite/sources/orders_$rows.csv" ] ||
    "$bin/duckdb_sql" "$suite/make_orders.sql" DIR="$suite" N="$rows"
  rm -rf "$suite/.tallymill"
  published orders --param "rows=$rows"
  file=$(newest_part "$suite" orders)
  compare "$rows rows, 16 checks" \
    tallymill "$(checked sixteen)" \
    "by hand, counted only" "$(by_hand counts_only "$file")" \
    "by hand, one statement" "$(by_hand fused "$file")" \
    "by hand, 16 queries" "$(by_hand sixteen_queries "$file")"
  printf '\nWhat the passes took in the last of these runs:\n\n'
  "$bin/tallymill" report sixteen orders_are_sound --cost --workspace "$suite" | sed 1,2d
  [ "$rows" -le 1000000 ] || continue
  rivals=()
  if /usr/bin/python3 -c 'import pandas' 2>/dev/null; then
    rivals+=("pandas, with failing rows" "/usr/bin/python3 '$suite/pandas_checks.py' '$suite' $rows >/dev/null")
  fi
  if command -v mlr >/dev/null; then
    rivals+=("Miller, with failing rows" "sh '$suite/miller_checks.sh' '$suite' $rows >/dev/null")
  fi
  compare "$rows rows from CSV, 16 checks" \
    "tallymill, published and with failing rows" \
    "'$bin/tallymill' run from_csv --period 2026-01 --force --param rows=$rows --workspace '$suite' >/dev/null 2>&1" \
    "tallymill, before it is loaded, with failing rows" \
    "'$bin/tallymill' preview from_csv read_orders_are_sound --period 2026-01 --file '$suite/sources/orders_$rows.csv' --failures '$suite/failures.parquet' --workspace '$suite' >/dev/null 2>&1" \
    "${rivals[@]}" \
    "sqlite3, counted only" "'$suite/sqlite_checks.sh' '$suite' $rows >/dev/null" \
    "by hand, one statement, counted only" "'$bin/duckdb_sql' '$suite/fused_csv.sql' DIR='$suite' N=$rows >/dev/null"
  published wide
  compare "$rows rows of 80 columns, 226 checks" \
    tallymill "$(checked many)" \
    "by hand, one statement, counted only" "$(by_hand many "$(newest_part "$suite" wide)")"
done
