#!/bin/sh
# Breaks of two CSV files by cut, sort and join, the amount only. usage: sort_join.sh OURS THEIRS FOLDER
export LC_ALL=C
tail -n +2 "$1" | cut -d, -f1,8 | sort -t, -k1,1 -S 2G --parallel=2 >"$3/ours.sorted" &
tail -n +2 "$2" | cut -d, -f1,8 | sort -t, -k1,1 -S 2G --parallel=2 >"$3/theirs.sorted" &
wait
join -t, -a1 -a2 -e '' -o 0,1.2,2.2 "$3/ours.sorted" "$3/theirs.sorted" |
  awk -F, '$2 != $3 { print ($2 == "" ? "right_only" : $3 == "" ? "left_only" : "amount") "," $0 }' >"$3/sorted_breaks.csv"
rm -f "$3/ours.sorted" "$3/theirs.sorted"
