# shellcheck shell=bash
# How many state changes does the store take a second, and what does a long history cost?
printf '\n## The store\n'
printf 'Three changes a job (ready, started, ended with a published version), one durable commit a turn; the rival writes\n'
printf 'one bare row per change into a table of its own and commits as often.\n'
ninja -C "$root/build/release" store_speed >/dev/null
stores=$work/stores
rm -rf "$stores"
mkdir -p "$stores"
median_of() { sort -n | awk '{a[NR] = $1} END {print a[int((NR + 1) / 2)]}'; }
printf '\n| attempts in flight | changes/s | bare rows/s | ratio |\n|---|---|---|---|\n'
for flight in 1 8 64; do
  : >"$stores/ours" && : >"$stores/bare"
  for run in $(seq "$runs"); do
    "$bin/store_speed" append "$stores/a$run.db" $((flight * 200)) "$flight" >>"$stores/ours"
    "$bin/store_speed" floor "$stores/b$run.db" $((flight * 200)) "$flight" >>"$stores/bare"
    rm -f "$stores"/[ab]"$run".db*
  done
  ours=$(median_of <"$stores/ours")
  bare=$(median_of <"$stores/bare")
  printf '| %s | %s | %s | %s |\n' "$flight" "$ours" "$bare" \
    "$(awk "BEGIN {printf \"%.2f\", $ours / $bare}")"
done
printf '\n| job runs in history | `status` ms | run list ms | reading an open run of 100,000 jobs ms | file MiB |\n|---|---|---|---|---|\n'
for size in ${STORE_SIZES:-100000 1000000 10000000}; do
  history=$stores/history
  mkdir -p "$history/graphs" "$history/.tallymill"
  printf 'workspace: history\n' >"$history/tallymill.yaml"
  printf 'graph: books\nperiod: month\njobs:\n  job_0: { type: noop }\n' >"$history/graphs/books.yaml"
  "$bin/store_speed" history "$history/.tallymill/store.db" "$size"
  "$bin/tallymill" status --workspace "$history" >/dev/null
  for run in $(seq "$runs"); do
    start=$(date +%s%N)
    "$bin/tallymill" status --workspace "$history" >/dev/null
    echo $((($(date +%s%N) - start) / 10000))
  done | median_of >"$stores/status"
  printf '| %s | %s | %s | %s | %s |\n' "$size" "$(awk '{printf "%.1f", $1 / 100}' "$stores/status")" \
    "$("$bin/store_speed" list "$history/.tallymill/store.db" "$runs")" \
    "$("$bin/store_speed" recover "$history/.tallymill/store.db" "$runs")" \
    "$(($(stat -c %s "$history/.tallymill/store.db") / 1048576))"
  rm -rf "$history"
done
