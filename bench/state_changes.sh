# shellcheck shell=bash
# How many durable state changes a second does the scheduler bring about, and how soon is it back?
printf '\n## Durable state changes, and recovery\n'
printf 'No-op jobs with 64 attempts in flight on an executor that runs nothing: loop, store, folders and commits are real. The\n'
printf 'figure in brackets leaves out what the stand-in for workers itself does: reading task.json, writing result.json.\n'
printf 'The second row is killed half-way through 100,000 jobs; until its first new attempt it has loaded the graph, read the\n'
printf 'state of every job and settled what was open.\n'
# A new folder, because ext4 looks at every inode deleted a moment ago before it gives one out.
changes=$(mktemp -d "$work/changes.XXXXXX")
mkdir -p "$changes/graphs" "$changes/out"
printf 'workspace: changes\nslots: 64\n' >"$changes/tallymill.yaml"
luajit "$here/make_graph.lua" 10000 "$changes"
luajit "$here/make_graph.lua" 100000 "$changes"
printf '\n| | |\n|---|---|\n'
printf '| 10,000 jobs | %s |\n' "$("$bin/virtual_run" "$changes" noop_10000 2026-01 | tail -n1)"
TALLYMILL_CRASH_AT=250000 "$bin/virtual_run" "$changes" noop_100000 2026-01 >/dev/null || true
printf '| 100,000 jobs, after the kill | %s |\n' "$("$bin/virtual_run" "$changes" noop_100000 2026-01 | tail -n2 | paste -sd';')"
rm -rf "$changes"
