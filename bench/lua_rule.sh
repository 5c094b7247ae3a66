# shellcheck shell=bash
# A check rule of five conditions in Lua: how fast is its loop, and how far from a CASE in SQL?
printf '\n## A check rule of five conditions in Lua\n'
for rows in $sizes; do
  file=$work/gifts_$rows.parquet
  [ -e "$file" ] || "$bin/lua_check_rule" make "$rows" "$file"
  printf '\nLoop alone, one thread, columns in memory: %s.\n' "$("$bin/lua_check_rule" loop "$rows")"
  printf 'The same with texts that come from no dictionary: %s.\n' "$("$bin/lua_check_rule" loop_by_row "$rows")"
  printf 'A near-unique text that one row in a thousand looks at: %s.\n' "$("$bin/lua_check_rule" loop_unique "$rows")"
  printf 'Twenty rules of one condition each in one pass: %s.\n' "$("$bin/lua_check_rule" loop_twenty "$rows")"
  printf 'The same with their literals written inside the functions: %s.\n' "$("$bin/lua_check_rule" loop_literals "$rows")"
  printf 'Plain Lua 5.4 over row tables: %s.\n' "$(lua5.4 "$here/peers/row_function.lua" "$rows")"
  printf 'pandas apply, with as many rows as it can be waited for: %s.\n' "$(/usr/bin/python3 "$here/peers/row_function.py" "$rows")"
  compare "$rows rows, Parquet to Parquet, 2 threads" \
    "Lua rule" "'$bin/lua_check_rule' rule '$file' '$work/found_by_rule.parquet' 2 >/dev/null" \
    "SQL CASE" "'$bin/lua_check_rule' case '$file' '$work/found_by_case.parquet' 2 >/dev/null"
  compare "$rows rows, the same with all rows and their verdicts written" \
    "Lua rule" "'$bin/lua_check_rule' rule_all '$file' '$work/found_by_rule.parquet' 2 >/dev/null" \
    "SQL CASE" "'$bin/lua_check_rule' case_all '$file' '$work/found_by_case.parquet' 2 >/dev/null"
done
