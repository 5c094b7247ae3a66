# shellcheck shell=bash
# Nothing has changed: how long until that is known of every job and recorded, against ninja, make and Snakemake?
printf '\n## All up to date\n'
printf 'The second run of a graph of no-op jobs; the others look at as many files that are newer than what they come from.\nSnakemake is measured with 1,000 jobs only: its start and its own records take most of its time.\n'
idle=$work/up_to_date
for jobs in 1000 10000 100000; do
  rm -rf "$idle"
  mkdir -p "$idle/graphs" "$idle/out"
  printf 'workspace: idle\nslots: 64\n' >"$idle/tallymill.yaml"
  luajit "$here/make_graph.lua" "$jobs" "$idle"
  # The first run of all is not what is asked: ours in virtual time, theirs by touching in order.
  "$bin/virtual_run" "$idle" "noop_$jobs" 2026-01 >/dev/null
  snakemake=()
  if [ -e "$idle/Snakefile" ]; then
    # It believes only what it made itself.
    (cd "$idle" && snakemake -j"$(nproc)" >/dev/null 2>&1)
    snakemake=(snakemake "cd '$idle' && snakemake -j1 >/dev/null 2>&1")
  else
    awk '/^out/ {print substr($1, 1, length($1) - 1)}' "$idle/Makefile" | (cd "$idle" && xargs touch)
  fi
  compare "$jobs jobs" \
    tallymill "'$bin/tallymill' run noop_$jobs --period 2026-01 --workspace '$idle' >/dev/null 2>&1" \
    "${snakemake[@]}" \
    make "make -C '$idle' >/dev/null" \
    ninja "ninja -C '$idle' >/dev/null"
done
