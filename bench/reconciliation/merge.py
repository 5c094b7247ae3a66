"""Breaks of two CSV files by an outer merge: the first row of each key. usage: merge.py OURS THEIRS OUT"""
import sys

import pandas

COLUMNS = ["id", "acct", "ccy", "qty", "amount"]
TYPES = {"ccy": "category", "acct": "int32", "qty": "int32"}
ours, theirs = (pandas.read_csv(file, dtype=TYPES, usecols=COLUMNS) for file in sys.argv[1:3])
repeated = set(ours.id[ours.id.duplicated()]) | set(theirs.id[theirs.id.duplicated()])
both = ours.drop_duplicates("id").merge(
    theirs.drop_duplicates("id"), on="id", how="outer", indicator=True, suffixes=("_ours", "_theirs")
)
both["cls"] = "ok"
matched = both._merge == "both"
both.loc[matched & ((both.amount_ours - both.amount_theirs).abs() > 0.005), "cls"] = "amount"
both.loc[matched & both.id.isin(repeated), "cls"] = "duplicate"
both.loc[both._merge == "left_only", "cls"] = "left_only"
both.loc[both._merge == "right_only", "cls"] = "right_only"
both[both.cls != "ok"].to_csv(sys.argv[3], index=False)
