# shellcheck shell=bash
# How fast is a year of a 300-job graph by day planned (109,500 job runs), against ninja's dry run of
# as many edges? Ninja plans them once, as one graph; tallymill judges each job of each day.
printf '\n## Plan of a backfill\n'
printf 'The no-op graph of 300 jobs for every day of a year: nothing was ever run, and all that ran is up to date.\n'
backfills=$work/backfills
rm -rf "$backfills"
mkdir -p "$backfills/graphs" "$backfills/edges/graphs"
printf 'workspace: backfills\nslots: 2\n' >"$backfills/tallymill.yaml"
luajit "$here/make_graph.lua" 300 "$backfills"
sed -i 's/^period: month/period: day/' "$backfills/graphs/noop_300.yaml"
luajit "$here/make_graph.lua" 109500 "$backfills/edges"
year="--from 2025-01-01 --to 2025-12-31"
plan="'$bin/tallymill' backfill noop_300 $year --dry-run --workspace '$backfills' >/dev/null"
compare "a year of 300 jobs, nothing run yet" tallymill "$plan" "ninja -n" "ninja -C '$backfills/edges' -n >/dev/null"
"$bin/tallymill" backfill noop_300 --from 2025-01-01 --to 2025-01-31 --workspace "$backfills" >/dev/null 2>&1
compare "the same, its first month done" tallymill "$plan" "ninja -n" "ninja -C '$backfills/edges' -n >/dev/null"
