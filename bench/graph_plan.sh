# shellcheck shell=bash
# How fast is a large graph loaded, checked and planned, against ninja's dry run of the same graph?
printf '\n## Load and plan of a large graph\n'
printf 'A layered random graph of no-op jobs; ninja -n reads the same edges and prints what it would do.\n'
plans=$work/plans
mkdir -p "$plans/graphs"
printf 'workspace: plans\n' >"$plans/tallymill.yaml"
for jobs in 1000 10000 30000; do
  rm -f "$plans/graphs"/*
  luajit "$here/make_graph.lua" "$jobs" "$plans"
  compare "$jobs jobs" \
    tallymill "'$bin/tallymill' plan noop_$jobs --period 2026-01 --workspace '$plans' >/dev/null" \
    "ninja -n" "ninja -C '$plans' -n >/dev/null"
done
