-- The sixteen checks by hand over the CSV file in one statement, counted only.
SET threads = 2;
SELECT count(*),
  count_if(t.cust_id IS NULL), count_if(status IS NULL), count_if(net IS NULL),
  count_if(status NOT IN ('NEW','OPEN','PAID','SHIPPED','CLOSED')),
  count_if(ccy NOT IN ('USD','EUR','JPY','GBP','CHF','AUD','CAD','SEK')),
  count_if(net NOT BETWEEN 0 AND 10000), count_if(tax NOT BETWEEN 0 AND 2000),
  count_if(order_date NOT BETWEEN DATE '2020-01-01' AND DATE '2025-12-31'),
  count_if(NOT regexp_full_match(code, '[A-Z]{2}-[0-9]{6}')), count_if(NOT regexp_full_match(ccy, '[A-Z]{3}')),
  count_if(ship_date < order_date), count_if(net + tax <> gross),
  count(id) - count(DISTINCT id), count(*) - count(DISTINCT (t.cust_id, code)),
  count_if(t.cust_id IS NOT NULL AND c.k IS NULL)
FROM read_csv('${DIR}/sources/orders_${N}.csv', header = true, auto_detect = false, delim = ',', quote = '"', columns = {
  'id': 'BIGINT', 'cust_id': 'INTEGER', 'code': 'VARCHAR', 'status': 'VARCHAR', 'ccy': 'VARCHAR',
  'order_date': 'DATE', 'ship_date': 'DATE', 'net': 'DECIMAL(18,2)', 'tax': 'DECIMAL(18,2)', 'gross': 'DECIMAL(18,2)'}) t
LEFT JOIN (SELECT DISTINCT cust_id AS k FROM read_csv('${DIR}/tables/customers.csv', header = true)) c ON t.cust_id = c.k;
