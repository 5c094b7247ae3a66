#!/usr/bin/env bash
# Answers the questions of this folder, all or those named, and prints them as Markdown.
# usage: bench/run.sh [--runs N] [--sizes "ROWS ..."] [--write] [NAME...]   (from ./dev bench)
set -euo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
root=$(dirname "$here")
bin=$root/build/release/bin
work=$root/build/bench
runs=9
sizes="1000000 10000000"
write=0
names=()
while [ $# -gt 0 ]; do
  case $1 in
    --runs) runs=$2; shift 2 ;;
    --sizes) sizes=$2; shift 2 ;;
    --write) write=1; shift ;;
    *) names+=("$1"); shift ;;
  esac
done
[ ${#names[@]} -gt 0 ] || names=(extract_and_check check_suite lua_rule decision_table rule_difference allocation verify reconciliation cleansing table_comparison job_overhead graph_plan up_to_date state_changes backfill_plan store_speed)

say() { printf '%s\n' "$*" >&2; }

# A table of whole processes, interleaved, the last one being the rival.
# compare "WHAT" NAME COMMAND [NAME COMMAND ...]
compare() {
  printf '\n| %s | wall s: median (min-max) | peak MiB | ratio |\n|---|---|---|---|\n' "$1"
  shift
  luajit "$here/compare.lua" "$runs" "$@"
}

# The command that makes a job anew: the plan of the rerun, then doing it. again WORKSPACE GRAPH JOB
again() {
  printf '%s' "plan=\$('$bin/tallymill' rerun $2 --from $3 --json --workspace '$1' | sed -n 's/.*\"digest\": \"\\([^\"]*\\)\".*/\\1/p' | head -n1); '$bin/tallymill' rerun $2 --from $3 --apply \"\$plan\" --workspace '$1' >/dev/null 2>&1"
}

# The newest published file of a dataset: newest_part WORKSPACE DATASET
newest_part() {
  find "$1/.tallymill/datasets/$2" -name '*.parquet' -printf '%T@ %p\n' | sort -n | tail -n1 | cut -d' ' -f2-
}

machine() {
  printf 'Debian %s, %s, %s cores, %s GiB; medians of %s interleaved runs after a warm-up.\n' \
    "$(cat /etc/debian_version)" "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n1)" \
    "$(nproc)" "$(awk '/MemTotal/ {printf "%.0f", $2 / 1048576}' /proc/meminfo)" "$runs"
}

answer() {
  printf '# Results\n'
  machine
  for name in "${names[@]}"; do
    [ -e "$here/$name.sh" ] || { say "no such benchmark: $name"; exit 2; }
    say "$name"
    # shellcheck source=/dev/null
    . "$here/$name.sh"
  done
}

ninja -C "$root/build/release" duckdb_sql lua_check_rule decision_table spawn_floor virtual_run >/dev/null
mkdir -p "$work"
if [ $write = 1 ]; then
  answer >"$work/results.md"
  cp "$work/results.md" "$here/results.md"
else
  answer
fi
