# shellcheck shell=bash
# How long does it take to see what a change of a rule would do to stored rows?
printf '\n## What a change of a rule would do\n'
printf "'rules diff' of the five-condition rule with a limit of 390.00 instead of 500.00 over one stored month: rows, keys and\n"
printf 'money by kind of change, with samples, in a worker of its own. By hand: both as CASEs, counted (difference/by_hand.sql).\n'
for rows in $sizes; do
  stored=$work/difference_$rows
  if [ ! -e "$stored/.tallymill" ]; then
    mkdir -p "$stored/drafts"
    cp -r "$here/difference/." "$stored/"
    sed 's/t.money "500.00"/t.money "390.00"/' "$stored/rules/gift_is_sound.lua" >"$stored/drafts/gift_is_sound.lua"
    "$bin/tallymill" run gifts --period 2026-01 --param rows="$rows" --workspace "$stored" >/dev/null 2>&1 || true
  fi
  compare "$rows stored rows" \
    tallymill "'$bin/tallymill' rules diff gift_is_sound '$stored/drafts/gift_is_sound.lua' --workspace '$stored' >/dev/null" \
    "by hand" "'$bin/duckdb_sql' '$stored/by_hand.sql' GIFTS='$(newest_part "$stored" gifts)' OUT='$stored/by_hand.csv'"
done
