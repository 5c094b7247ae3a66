# shellcheck shell=bash
# What does it take to prove an allocation again, against the job that made it?
printf '\n## Verification\n'
printf 'A thousand pools to their users, as above. Verify: the files byte for byte, digests, sums and keys of what the job read and made, every part against\n'
printf 'what its receiver can have, and whose turn each last unit was (docs/verify.md). The job: its parts, books and trace made anew, plan and all.\n'
proven=$work/verify
mkdir -p "$proven/sources"
cp -r "$here/allocation/." "$proven/"
for rows in $sizes; do
  [ -e "$proven/sources/users_$rows.csv" ] ||
    "$bin/duckdb_sql" "$proven/make_costs.sql" DIR="$proven" N="$rows"
  rm -rf "$proven/.tallymill"
  "$bin/tallymill" run allocation --period 2026-01 --param users="$rows" --workspace "$proven" >/dev/null 2>&1
  compare "$rows receivers" \
    "verify" "'$bin/tallymill' verify allocation user_cost --workspace '$proven' >/dev/null" \
    "the job itself" "$(again "$proven" allocation user_cost)"
done
