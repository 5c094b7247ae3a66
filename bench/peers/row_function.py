"""The five conditions as a Python function over the rows of a pandas frame: row_function.py ROWS."""
import sys
import time

import pandas

SAMPLE = 131072


def check(row, limit=50000):
    if row["gift"] > row["declared"]:
        return "CC04 gift %.2f is over the declared %.2f" % (row["gift"] / 100, row["declared"] / 100)
    if row["gift"] > limit:
        return "CC05 gift %.2f is over the limit" % (row["gift"] / 100)
    if row["gift_date"] < row["start_date"] or row["gift_date"] > row["end_date"]:
        return "CC03 given on %d" % row["gift_date"]
    if row["channel"] == "unknown":
        return "CC06 channel unknown"
    if row["city"] == "Hangzhou" and row["campaign"] == "P07":
        return "CC07 P07 is not for Hangzhou"
    return None


count = min(int(sys.argv[1]), SAMPLE)
numbers = range(count)
frame = pandas.DataFrame({
    "campaign": ["P%02d" % (n % 50) for n in numbers],
    "channel": ["unknown" if n % 400 == 7 else "channel number %d" % (n % 5) for n in numbers],
    "city": ["Hangzhou" if n % 1000 == 7 else "city%d" % (n % 11) for n in numbers],
    "gift": [n * 7919 % 40000 + (30000 if n % 200 == 3 else 0) for n in numbers],
    "declared": [40000] * count,
    "gift_date": [20454 + n % 31 for n in numbers],
    "start_date": [20454] * count,
    "end_date": [20454 if n % 250 == 30 else 20484 for n in numbers],
})
start = time.process_time()
verdicts = frame.apply(check, axis=1)
ns = (time.process_time() - start) * 1e9
print("%d rows, %d findings, %.1f ns/row, %.3f Mrow/s" % (count, verdicts.notna().sum(), ns / count, count / ns * 1e3))
