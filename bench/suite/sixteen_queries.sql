-- By hand: sixteen queries, each of which keeps its failing rows and counts them. FILE is the published Parquet file.
SET threads = 2;
SET preserve_insertion_order = false;
CREATE VIEW o AS SELECT * FROM read_parquet('${FILE}');
CREATE TABLE customers AS SELECT DISTINCT cust_id FROM read_csv('${DIR}/tables/customers.csv', header = true);
CREATE TABLE f AS SELECT *, '' AS reason FROM o WHERE false;
SELECT count(*) FROM o;
INSERT INTO f SELECT *, 'not_null cust_id' FROM o WHERE cust_id IS NULL;
INSERT INTO f SELECT *, 'not_null status' FROM o WHERE status IS NULL;
INSERT INTO f SELECT *, 'not_null net' FROM o WHERE net IS NULL;
INSERT INTO f SELECT *, 'in_set status' FROM o WHERE status NOT IN ('NEW','OPEN','PAID','SHIPPED','CLOSED');
INSERT INTO f SELECT *, 'in_set ccy' FROM o WHERE ccy NOT IN ('USD','EUR','JPY','GBP','CHF','AUD','CAD','SEK');
INSERT INTO f SELECT *, 'in_range net' FROM o WHERE net NOT BETWEEN 0 AND 10000;
INSERT INTO f SELECT *, 'in_range tax' FROM o WHERE tax NOT BETWEEN 0 AND 2000;
INSERT INTO f SELECT *, 'in_range order_date' FROM o WHERE order_date NOT BETWEEN DATE '2020-01-01' AND DATE '2025-12-31';
INSERT INTO f SELECT *, 'matches code' FROM o WHERE NOT regexp_full_match(code, '[A-Z]{2}-[0-9]{6}');
INSERT INTO f SELECT *, 'matches ccy' FROM o WHERE NOT regexp_full_match(ccy, '[A-Z]{3}');
INSERT INTO f SELECT *, 'shipped_after_order' FROM o WHERE ship_date < order_date;
INSERT INTO f SELECT *, 'net_plus_tax' FROM o WHERE net + tax <> gross;
INSERT INTO f SELECT *, 'unique id' FROM o WHERE id IN (SELECT id FROM o GROUP BY id HAVING count(*) > 1);
INSERT INTO f SELECT *, 'unique cust_id, code' FROM o WHERE (cust_id, code) IN (SELECT (cust_id, code) FROM o GROUP BY cust_id, code HAVING count(*) > 1);
INSERT INTO f SELECT *, 'foreign_key cust_id' FROM o WHERE cust_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM customers c WHERE c.cust_id = o.cust_id);
COPY f TO '${DIR}/hand_failures.parquet' (FORMAT parquet, COMPRESSION snappy);
-- fsync ${DIR}/hand_failures.parquet
SELECT reason, count(*) FROM f GROUP BY reason;
