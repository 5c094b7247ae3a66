#!/bin/sh
# Its own language stands in single quotes, and its "then" is no word of the shell.
# shellcheck disable=SC2016,SC1010
# The sixteen checks in Miller, which keeps the failing rows as CSV: miller_checks.sh FOLDER ROWS
# One pass for what a row says of itself, one each for repeated keys and for unknown customers.
set -e
rows=$1/sources/orders_$2.csv
{
  mlr --icsv --ojson --no-auto-flatten --from "$rows" put -q '
    begin {
      @status = {"NEW": 1, "OPEN": 1, "PAID": 1, "SHIPPED": 1, "CLOSED": 1};
      @ccy = {"USD": 1, "EUR": 1, "JPY": 1, "GBP": 1, "CHF": 1, "AUD": 1, "CAD": 1, "SEK": 1};
    }
    subr fails(str reason, map row) { emit1 mapsum(row, {"reason": reason}) }
    if (is_empty($cust_id)) { call fails("not_null cust_id", $*) }
    if (is_empty($status)) { call fails("not_null status", $*) }
    elif (!haskey(@status, $status)) { call fails("in_set status", $*) }
    if (!haskey(@ccy, $ccy)) { call fails("in_set ccy", $*) }
    if (is_empty($net)) { call fails("not_null net", $*) }
    else {
      if ($net < 0 || $net > 10000) { call fails("in_range net", $*) }
      if (abs($net + $tax - $gross) > 0.005) { call fails("net_plus_tax", $*) }
    }
    if ($tax < 0 || $tax > 2000) { call fails("in_range tax", $*) }
    if ($order_date < "2020-01-01" || $order_date > "2025-12-31") { call fails("in_range order_date", $*) }
    if ($code !=~ "^[A-Z]{2}-[0-9]{6}$") { call fails("matches code", $*) }
    if ($ccy !=~ "^[A-Z]{3}$") { call fails("matches ccy", $*) }
    if ($ship_date < $order_date) { call fails("shipped_after_order", $*) }'
  mlr --icsv --ojson --from "$rows" count-similar -g id then filter '$count > 1' \
    then cut -x -f count then put '$reason = "unique id"'
  mlr --icsv --ojson --from "$rows" filter 'is_not_empty($cust_id)' then count-similar -g cust_id,code \
    then filter '$count > 1' then cut -x -f count then put '$reason = "unique cust_id, code"'
  mlr --icsv --ojson --from "$rows" filter 'is_not_empty($cust_id)' \
    then join --np --ur -j cust_id -f "$1/tables/customers.csv" then put '$reason = "foreign_key cust_id"'
} | mlr --ijson --ocsv cat >"$1/miller_failures.csv"
mlr --icsv --oxtab count-distinct -f reason "$1/miller_failures.csv"
