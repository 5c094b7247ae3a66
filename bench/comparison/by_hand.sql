-- All rows were fetched as CSV: which are not the same on both sides, by hand.
SET threads = 2;
SET preserve_insertion_order = false;
CREATE TABLE fetched AS SELECT * FROM read_csv('${FETCHED}', header = true, columns = {
  'id': 'BIGINT', 'campaign': 'VARCHAR', 'channel': 'VARCHAR', 'city': 'VARCHAR',
  'gift': 'DECIMAL(18,2)', 'gift_date': 'DATE'});
COPY (
  SELECT coalesce(l.id, r.id) AS id FROM '${GIFTS}' l FULL JOIN fetched r ON l.id = r.id
  WHERE l.id IS NULL OR r.id IS NULL OR l.campaign IS DISTINCT FROM r.campaign
    OR l.channel IS DISTINCT FROM r.channel OR l.city IS DISTINCT FROM r.city
    OR l.gift IS DISTINCT FROM r.gift OR l.gift_date IS DISTINCT FROM r.gift_date
  ORDER BY id
) TO '${OUT}' (FORMAT csv);
