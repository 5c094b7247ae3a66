-- The same parts by hand: largest remainder, ties to the smaller user; one window over all shares.
SET threads = 2;
SET preserve_insertion_order = false;
COPY (
  WITH share AS (SELECT p.pool_id, u.user_id, u.visits, (p.amount * 100)::HUGEINT AS fen,
      sum(u.visits) OVER (PARTITION BY p.pool_id) AS total
    FROM '${POOLS}' p JOIN '${USERS}' u ON u.pool_id = p.pool_id),
  cut AS (SELECT *, fen * visits // total AS part, fen * visits % total AS rest FROM share),
  ranked AS (SELECT *, row_number() OVER (PARTITION BY pool_id ORDER BY rest DESC, user_id) AS nth,
      fen - sum(part) OVER (PARTITION BY pool_id) AS over_all FROM cut)
  SELECT pool_id, user_id,
    ((part + CASE WHEN nth <= over_all THEN 1 ELSE 0 END)::DECIMAL(20,0) * 0.01::DECIMAL(3,2))::DECIMAL(18,2) AS amount
  FROM ranked
) TO '${OUT}' (FORMAT parquet, COMPRESSION snappy);
-- fsync ${OUT}
