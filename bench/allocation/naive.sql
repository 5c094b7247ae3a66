-- What is done without thinking: totals by GROUP BY, every share rounded for itself, in doubles. Wrong by thousands of cents.
SET threads = 2;
SET preserve_insertion_order = false;
COPY (
  SELECT pool_id, user_id, round(amount * visits / total, 2) AS amount
  FROM '${USERS}' u JOIN (SELECT pool_id, amount::DOUBLE AS amount FROM '${POOLS}') p USING (pool_id)
    JOIN (SELECT pool_id, sum(visits) AS total FROM '${USERS}' GROUP BY pool_id) t USING (pool_id)
) TO '${OUT}' (FORMAT parquet, COMPRESSION snappy);
-- fsync ${OUT}
