-- The same keys grouped and joined by hand, breaks with a class: no digest, no books, no stable ids, no tolerance, first row of each key only.
COPY (
  WITH a AS (SELECT id, any_value(acct) AS acct, any_value(ccy) AS ccy, any_value(amount) AS amount, any_value(qty) AS qty, count(*) AS n FROM '${OURS}' GROUP BY id),
       b AS (SELECT id, any_value(acct) AS acct, any_value(ccy) AS ccy, any_value(amount) AS amount, any_value(qty) AS qty, count(*) AS n FROM '${THEIRS}' GROUP BY id)
  SELECT coalesce(a.id, b.id) AS id, CASE WHEN b.id IS NULL THEN 'missing_b' WHEN a.id IS NULL THEN 'missing_a' WHEN a.n > 1 OR b.n > 1 THEN 'duplicate' ELSE 'amount_diff' END AS cls,
    a.amount AS am_a, b.amount AS am_b, a.n AS na, b.n AS nb
  FROM a FULL OUTER JOIN b ON a.id = b.id
  WHERE a.id IS NULL OR b.id IS NULL OR a.n > 1 OR b.n > 1 OR a.amount <> b.amount OR a.qty <> b.qty OR a.acct <> b.acct OR a.ccy <> b.ccy
) TO '${OUT}' (FORMAT parquet);
