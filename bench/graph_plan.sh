# shellcheck shell=bash
# How fast is a large graph loaded, checked and planned, against dry runs of the same graph?
printf '\n## Load and plan of a large graph\n'
printf 'A layered random graph of no-op jobs; ninja -n and make -n read the same edges and print what they would do.\n'
plans=$work/plans
mkdir -p "$plans/graphs" "$plans/out"
printf 'workspace: plans\n' >"$plans/tallymill.yaml"
for jobs in 1000 10000 100000; do
  rm -f "$plans/graphs"/*
  luajit "$here/make_graph.lua" "$jobs" "$plans"
  compare "$jobs jobs" \
    tallymill "'$bin/tallymill' plan noop_$jobs --period 2026-01 --workspace '$plans' >/dev/null" \
    "make -n" "make -C '$plans' -n >/dev/null" \
    "ninja -n" "ninja -C '$plans' -n >/dev/null"
done
