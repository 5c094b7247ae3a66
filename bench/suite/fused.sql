-- By hand in two statements: one that counts, one that keeps each failing row with its reasons.
SET threads = 2;
SET preserve_insertion_order = false;
CREATE VIEW o AS SELECT * FROM read_parquet('${FILE}');
CREATE TABLE customers AS SELECT DISTINCT cust_id FROM read_csv('${DIR}/tables/customers.csv', header = true);
COPY (
  WITH j AS (SELECT t.*, c.cust_id IS NULL AND t.cust_id IS NOT NULL AS orphan, d.id IS NOT NULL AS twice, e.n IS NOT NULL AS pair
    FROM o t LEFT JOIN customers c ON c.cust_id = t.cust_id
    LEFT JOIN (SELECT id FROM o GROUP BY id HAVING count(*) > 1) d ON d.id = t.id
    LEFT JOIN (SELECT cust_id, code, count(*) AS n FROM o GROUP BY cust_id, code HAVING count(*) > 1) e
      ON e.cust_id = t.cust_id AND e.code = t.code),
  v AS (SELECT *, list_filter([
      CASE WHEN cust_id IS NULL THEN 'not_null cust_id' END,
      CASE WHEN status IS NULL THEN 'not_null status' END,
      CASE WHEN net IS NULL THEN 'not_null net' END,
      CASE WHEN status NOT IN ('NEW','OPEN','PAID','SHIPPED','CLOSED') THEN 'in_set status' END,
      CASE WHEN ccy NOT IN ('USD','EUR','JPY','GBP','CHF','AUD','CAD','SEK') THEN 'in_set ccy' END,
      CASE WHEN net NOT BETWEEN 0 AND 10000 THEN 'in_range net' END,
      CASE WHEN tax NOT BETWEEN 0 AND 2000 THEN 'in_range tax' END,
      CASE WHEN order_date NOT BETWEEN DATE '2020-01-01' AND DATE '2025-12-31' THEN 'in_range order_date' END,
      CASE WHEN NOT regexp_full_match(code, '[A-Z]{2}-[0-9]{6}') THEN 'matches code' END,
      CASE WHEN NOT regexp_full_match(ccy, '[A-Z]{3}') THEN 'matches ccy' END,
      CASE WHEN ship_date < order_date THEN 'shipped_after_order' END,
      CASE WHEN net + tax <> gross THEN 'net_plus_tax' END,
      CASE WHEN twice THEN 'unique id' END,
      CASE WHEN pair THEN 'unique cust_id, code' END,
      CASE WHEN orphan THEN 'foreign_key cust_id' END], x -> x IS NOT NULL) AS reasons FROM j)
  SELECT * EXCLUDE (reasons, orphan, twice, pair), unnest(reasons) AS reason FROM v WHERE len(reasons) > 0
) TO '${DIR}/hand_failures.parquet' (FORMAT parquet, COMPRESSION snappy);
-- fsync ${DIR}/hand_failures.parquet
SELECT reason, count(*) FROM '${DIR}/hand_failures.parquet' GROUP BY reason;
