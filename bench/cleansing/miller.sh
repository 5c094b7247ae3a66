#!/bin/sh
# Its own language stands in single quotes, and its "then" is no word of the shell.
# shellcheck disable=SC2016,SC1010
# The same rows written by Miller, as CSV; what is no date is emptied: miller.sh FOLDER ROWS
set -e
mlr --icsv --ocsv put '$code = toupper($code)' "$1/tables/department.csv" >"$1/tables/department_upper.csv"
mlr --icsv --ocsv -S --from "$1/sources/customers_$2.csv" put '
    begin {
      wide = "ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ０１２３４５６７８９　";
      narrow = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ";
      for (i = 1; i <= strlen(wide); i += 1) { @narrow[wide[i:i]] = narrow[i:i] }
    }
    if ($name =~ "[^ -~]") {
      str name = "";
      for (i = 1; i <= strlen($name); i += 1) {
        str form = $name[i:i];
        name .= haskey(@narrow, form) ? @narrow[form] : form;
      }
      $name = name;
    }
    $name = toupper(strip($name));
    $dt = gsub($dt, "/", "-");
    if ($dt =~ "^([0-9]{4})([0-9]{2})([0-9]{2})$") { $dt = "\1-\2-\3" }
    elif ($dt !=~ "^[0-9]{4}-[0-9]{2}-[0-9]{2}$") { $dt = "" }
    $code = toupper(strip($code));
    $city = toupper(strip($city));
    $flag = toupper($flag)' \
  then join --ur -j code -f "$1/tables/department_upper.csv" \
  then template -f id,name,dt,dept,amount,city,flag,updated_at,branch,note \
  then top -a -n 1 -f updated_at -g id >"$1/miller.csv"
