-- The same work written by hand: read, keep what does not parse, publish, twelve checks, every
-- failing row with its reason, all files fsynced.
SET threads = 2;
SET preserve_insertion_order = false;
COPY (SELECT *, 'orders_${N}.csv' AS _source, id + 2 AS _line FROM read_csv('${DIR}/sources/orders_${N}.csv',
  header = true, store_rejects = true, rejects_limit = 0, auto_detect = false, delim = ',', quote = '"', columns = {
  'id': 'BIGINT', 'cust_id': 'BIGINT', 'code': 'VARCHAR', 'status': 'VARCHAR', 'ccy': 'VARCHAR',
  'order_date': 'DATE', 'ship_date': 'DATE', 'net': 'DECIMAL(18,2)', 'tax': 'DECIMAL(18,2)', 'gross': 'DECIMAL(18,2)'}))
  TO '${DIR}/hand_orders.parquet' (FORMAT parquet, COMPRESSION snappy);
-- fsync ${DIR}/hand_orders.parquet
COPY (SELECT line, column_name, error_type::VARCHAR AS reason, error_message, csv_line FROM reject_errors)
  TO '${DIR}/hand_rejects.parquet' (FORMAT parquet, COMPRESSION snappy);
-- fsync ${DIR}/hand_rejects.parquet
CREATE TABLE customers AS SELECT DISTINCT cust_id FROM read_csv('${DIR}/tables/customers.csv', header = true);
COPY (
  WITH o AS (SELECT t.*, c.cust_id IS NULL AND t.cust_id IS NOT NULL AS orphan, d.id IS NOT NULL AS twice
    FROM '${DIR}/hand_orders.parquet' t LEFT JOIN customers c ON c.cust_id = t.cust_id
    LEFT JOIN (SELECT id FROM '${DIR}/hand_orders.parquet' GROUP BY id HAVING count(*) > 1) d ON d.id = t.id),
  v AS (SELECT *, list_filter([
      CASE WHEN cust_id IS NULL THEN 'not_null cust_id' END,
      CASE WHEN status IS NULL THEN 'not_null status' END,
      CASE WHEN net IS NULL THEN 'not_null net' END,
      CASE WHEN status NOT IN ('NEW','OPEN','PAID','SHIPPED','CLOSED') THEN 'in_set status' END,
      CASE WHEN ccy NOT IN ('USD','EUR','JPY','GBP','CHF','AUD','CAD','SEK') THEN 'in_set ccy' END,
      CASE WHEN net NOT BETWEEN 0 AND 10000 THEN 'in_range net' END,
      CASE WHEN tax NOT BETWEEN 0 AND 2000 THEN 'in_range tax' END,
      CASE WHEN NOT regexp_full_match(code, '[A-Z]{2}-[0-9]{6}') THEN 'matches code' END,
      CASE WHEN ship_date < order_date THEN 'shipped_after_order' END,
      CASE WHEN net + tax <> gross THEN 'net_plus_tax' END,
      CASE WHEN twice THEN 'unique id' END,
      CASE WHEN orphan THEN 'foreign_key cust_id' END], x -> x IS NOT NULL) AS reasons FROM o)
  SELECT * EXCLUDE (reasons, orphan, twice), unnest(reasons) AS reason FROM v WHERE len(reasons) > 0
) TO '${DIR}/hand_failures.parquet' (FORMAT parquet, COMPRESSION snappy);
-- fsync ${DIR}/hand_failures.parquet
SELECT reason, count(*) FROM '${DIR}/hand_failures.parquet' GROUP BY reason;
