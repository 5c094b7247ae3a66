-- What changes if gifts over 390.00 fail instead of those over 500.00, by hand: both CASEs over the
-- same rows, counted by what they were and become, with the customers and the money.
SET threads = 2;
SET preserve_insertion_order = false;
COPY (
  WITH said AS (SELECT id, gift, declared,
      CASE WHEN gift > declared THEN 'CC04' WHEN gift > 500.00 THEN 'CC05'
        WHEN gift_date < start_date OR gift_date > end_date THEN 'CC03'
        WHEN channel = 'unknown' THEN 'CC06'
        WHEN city = 'Hangzhou' AND campaign = 'P07' THEN 'CC07' ELSE 'pass' END AS was,
      CASE WHEN gift > declared THEN 'CC04' WHEN gift > 390.00 THEN 'CC05'
        WHEN gift_date < start_date OR gift_date > end_date THEN 'CC03'
        WHEN channel = 'unknown' THEN 'CC06'
        WHEN city = 'Hangzhou' AND campaign = 'P07' THEN 'CC07' ELSE 'pass' END AS becomes
    FROM '${GIFTS}')
  SELECT was, becomes, count(*) AS changed, count(DISTINCT id) AS ids, sum(gift) AS gift,
    sum(declared) AS declared
  FROM said WHERE was <> becomes GROUP BY was, becomes ORDER BY was, becomes
) TO '${OUT}' (FORMAT csv);
