-- What does not match exactly: rows of equal account, reference, amount and day numbered and joined. No later stages, books or digest.
COPY (
  WITH b AS (SELECT *, row_number() OVER (PARTITION BY account, ref, amount, day ORDER BY line) AS n FROM '${BANK}'),
       l AS (SELECT *, row_number() OVER (PARTITION BY account, ref, amount, day ORDER BY entry) AS n FROM '${LEDGER}')
  SELECT b.line, l.entry, b.amount AS paid, l.amount AS expected
  FROM b FULL OUTER JOIN l ON b.account = l.account AND b.ref = l.ref AND b.amount = l.amount AND b.day = l.day AND b.n = l.n
  WHERE b.line IS NULL OR l.entry IS NULL
) TO '${OUT}' (FORMAT parquet);
