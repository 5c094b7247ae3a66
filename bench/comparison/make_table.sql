-- The rows of graph gifts in PostgreSQL; of every 10,000th the amount is another one.
DROP TABLE IF EXISTS gifts;
CREATE UNLOGGED TABLE gifts AS
SELECT n::bigint AS id, 'P' || lpad((n % 50)::text, 2, '0') AS campaign,
  'channel number ' || (n % 5) AS channel, 'city' || (n % 11) AS city,
  (((n::bigint * 7919) % 40000) * 0.01)::numeric(18, 2)
    + CASE WHEN n % 10000 = 7 THEN 1 ELSE 0 END AS gift,
  date '2026-01-01' + (n % 31) AS gift_date
FROM generate_series(0, :rows - 1) g(n);
ANALYZE gifts;
