# shellcheck shell=bash
# What does an exact allocation with its books and trace cost against the same parts by hand in SQL, and against the
# grouped product that rounds every share for itself?
printf '\n## Allocation by largest remainder\n'
printf 'A thousand pools to their users, from Parquet to Parquet. Exact by hand: one window over all shares, which gives the same\n'
printf 'parts but neither books, trace, digest nor checks of keys and weights (allocation/by_hand.sql). Naive: totals by GROUP BY\n'
printf 'and every share rounded for itself in doubles, so that pools are off by up to a hundred cents (allocation/naive.sql).\n'
costs=$work/allocation
mkdir -p "$costs/sources"
cp -r "$here/allocation/." "$costs/"
for users in $sizes; do
  [ -e "$costs/sources/users_$users.csv" ] ||
    "$bin/duckdb_sql" "$costs/make_costs.sql" DIR="$costs" N="$users"
  rm -rf "$costs/.tallymill"
  "$bin/tallymill" run allocation --period 2026-01 --param users="$users" --workspace "$costs" >/dev/null 2>&1
  files="POOLS='$(newest_part "$costs" pools)' USERS='$(newest_part "$costs" users)' OUT='$costs/by_hand.parquet'"
  compare "$users users" \
    tallymill "$(again "$costs" allocation user_cost)" \
    "exact by hand" "'$bin/duckdb_sql' '$costs/by_hand.sql' $files" \
    naive "'$bin/duckdb_sql' '$costs/naive.sql' $files"
done
