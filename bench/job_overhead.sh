# shellcheck shell=bash
# What does a job cost beyond its work? Chains of jobs that have next to nothing to do, against the
# bare start of as many processes.
printf '\n## Overhead per job\n'
printf 'The median time from the end of one job of a chain to the end of the next: spawn, worker, result, publish, commit.\n'
overhead=$work/overhead
chain=200
rm -rf "$overhead"
mkdir -p "$overhead/graphs" "$overhead/sources"
printf 'workspace: overhead\nconnectors:\n  files: { type: files, root: sources }\n' >"$overhead/tallymill.yaml"
printf 'k,amount\n1,1.00\n' >"$overhead/sources/one.csv"
luajit "$here/make_chain.lua" "$chain" "$overhead"

per_job() {
  "$bin/tallymill" run "$1" --period 2026-01 --workspace "$overhead" >/dev/null 2>&1
  sqlite3 "$overhead/.tallymill/store.db" "
    with ends as (
      select epoch, unixepoch(attempt.ended_at) * 1000 + substr(attempt.ended_at, 21, 6) / 1000.0 as ms
      from attempt join run on run.id = attempt.run where graph = '$1')
    select printf('%.1f', took) from (select ms - lag(ms) over (order by epoch) as took from ends)
    where took is not null order by took limit 1 offset $chain / 2"
}
printf '\n| | ms a job |\n|---|---|\n'
printf '| bare start and end of a process (posix_spawn of true) | %s |\n' "$("$bin/spawn_floor" "$chain" true)"
printf '| a process that opens DuckDB, and nothing else | %s |\n' "$("$bin/spawn_floor" "$chain" "$bin/duckdb_sql" /dev/null)"
printf '| job without engine (noop) | %s |\n' "$(per_job noop_chain)"
printf '| data job (transform of one row) | %s |\n' "$(per_job data_chain)"

dag=$work/dag
rm -rf "$dag"
mkdir -p "$dag/graphs" "$dag/out"
printf 'workspace: dag\nslots: %s\n' "$(nproc)" >"$dag/tallymill.yaml"
luajit "$here/make_graph.lua" 1000 "$dag"
printf '\nThe first run of a layered random graph of 1,000 no-op jobs, as many at once as there are cores: the seconds are ms a job.\n'
printf 'The others touch a file per job, and keep no journal. Snakemake is measured at this size only.\n'
anew="cd '$dag' && rm -rf .tallymill .snakemake .ninja_log out && mkdir out"
compare "1000 jobs" \
  tallymill "$anew && '$bin/tallymill' run noop_1000 --period 2026-01 >/dev/null 2>&1" \
  make "$anew && make -j$(nproc) >/dev/null" \
  snakemake "$anew && snakemake -j$(nproc) >/dev/null 2>&1" \
  ninja "$anew && ninja -j$(nproc) >/dev/null"
