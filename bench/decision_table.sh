# shellcheck shell=bash
# A decision table of 1,000 rows over facts with three inputs: how fast, and against the same table
# as SQL, written as one CASE, as a CASE within a CASE, and as a join?
printf '\n## A decision table of 1,000 rows\n'
for rows in $sizes; do
  file=$work/facts_$rows.parquet
  [ -e "$file" ] || "$bin/decision_table" make "$rows" "$file"
  compare "$rows facts from Parquet, 2 threads" \
    "decision table" "'$bin/decision_table' table '$file' 2 >/dev/null" \
    "CASE of campaigns" "'$bin/decision_table' nested '$file' 2 >/dev/null" \
    "join" "'$bin/decision_table' join '$file' 2 >/dev/null" \
    "one SQL CASE" "'$bin/decision_table' case '$file' 2 >/dev/null"
done
