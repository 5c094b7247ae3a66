#!/usr/bin/env bash
# Runs the demo in a new folder and holds what it found against what was planted, both ways: every
# planted fault is found under its code, and nothing else is flagged. Then runs it again: unchanged
# work is up to date, and the results stay byte for byte. usage: demo_test.sh TALLYMILL
set -euo pipefail
tallymill=$(realpath "$1")
root=$(dirname "$(dirname "$(realpath "${BASH_SOURCE[0]}")")")
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT

# The workspace is meant to be copied as it is, so nothing it needs may lie outside of it.
cp -r "$root/config/telecom" "$folder/copy"
"$tallymill" validate --workspace "$folder/copy"

"$root/config/telecom/demo.sh" "$tallymill" "$folder/demo" >"$folder/first.txt" 2>&1 ||
  { cat "$folder/first.txt"; exit 1; }
cd "$folder/demo"

# show DATASET KEY CODE: prints "graph,dataset,code,key" per row.
found() { # graph dataset code-expression key-expression
  "$tallymill" show "$2" --csv --columns "$3,$4" | tail -n +2 |
    awk -F, -v graph="$1" -v dataset="$2" '{print graph "," dataset "," $1 "," $2}'
}
{
  found cost_attribution clean_users.rejects _reason user_id
  found cost_attribution clean_users.merged _reason user_id
  found cost_attribution clean_cost.rejects _reason voucher
  found campaign_compliance gifts_comply.failures _code gift_id
  found campaign_compliance declarations_comply.failures _code campaign_id
  # A reject of an extract has no columns yet, only the text it could not read.
  "$tallymill" show crm_users.rejects --reveal --csv --columns reason,original | tail -n +2 |
    sed -E 's/^([a-z_]+),"?(U[0-9]+).*/cost_attribution,crm_users.rejects,\1,\2/'
  "$tallymill" show user_cost.parked --csv --columns reason,cost_item,org_code | tail -n +2 |
    sed -E 's/^([a-z_]+),([^,]*),([^,]*)$/cost_attribution,user_cost.parked,\1,\2\/\3/'
} | sort >found.txt
tail -n +2 sources/faults.csv | cut -d, -f1-4 | sort >planted.txt
diff -u planted.txt found.txt

cp out/non_compliant_gifts-2026-01.csv first.csv
"$root/config/telecom/demo.sh" "$tallymill" "$folder/demo" >"$folder/second.txt" 2>&1
cmp first.csv out/non_compliant_gifts-2026-01.csv
grep -q 'up to date' "$folder/second.txt" || { cat "$folder/second.txt"; exit 1; }
! grep -q ' succeeded ' "$folder/second.txt" || { echo "the second run repeated work:"; cat "$folder/second.txt"; exit 1; }
echo "every planted fault was found, and nothing else"
