-- N orders of 10 columns with 1 to 2 % planted errors per check, the same for everybody.
COPY (SELECT i::INTEGER AS cust_id, 'customer ' || i AS name FROM range(100000) t(i))
  TO '${DIR}/tables/customers.csv' (HEADER);
CREATE MACRO u(i, s) AS (hash(i * 1000 + s) % 10000)::INTEGER;
CREATE TABLE b AS SELECT i, CASE WHEN u(i,1) < 100 THEN greatest(i - 1, 0) ELSE i END AS id,
  CASE WHEN u(i,2) < 100 THEN NULL WHEN u(i,2) < 200 THEN (i * 7919) % 100000 + 100000 ELSE (i * 7919) % 100000 END AS cust_id,
  CASE WHEN u(i,3) < 100 THEN 'zz' || (i // 100000) WHEN u(i,3) < 200 THEN printf('AB-%06d', greatest(i // 100000 - 1, 0))
    ELSE printf('AB-%06d', i // 100000) END AS code,
  CASE WHEN u(i,4) < 100 THEN NULL WHEN u(i,4) < 200 THEN 'BOGUS' ELSE ['NEW','OPEN','PAID','SHIPPED','CLOSED'][1 + u(i,5) % 5] END AS status,
  CASE WHEN u(i,6) < 100 THEN 'us$' WHEN u(i,6) < 200 THEN 'XXX' ELSE ['USD','EUR','JPY','GBP','CHF','AUD','CAD','SEK'][1 + u(i,7) % 8] END AS ccy,
  CASE WHEN u(i,8) < 100 THEN DATE '2019-01-01' ELSE DATE '2020-01-01' + (u(i,9) % 2100)::INTEGER END AS order_date,
  CASE WHEN u(i,10) < 100 THEN NULL WHEN u(i,10) < 200 THEN -1 * (u(i,11) + 1) ELSE 1 + (hash(i * 1000 + 12) % 999900) END::BIGINT AS netc
  FROM range(${N}) t(i);
COPY (SELECT id, cust_id, code, status, ccy, order_date,
    order_date + (CASE WHEN u(i,13) < 150 THEN -1 - u(i,14) % 5 ELSE u(i,14) % 10 END)::INTEGER AS ship_date,
    (netc / 100)::DECIMAL(18,2) AS net,
    ((CASE WHEN u(i,15) < 100 THEN 250000 ELSE abs(coalesce(netc, 0)) // 10 END) / 100)::DECIMAL(18,2) AS tax,
    ((coalesce(netc, 0) + (CASE WHEN u(i,15) < 100 THEN 250000 ELSE abs(coalesce(netc, 0)) // 10 END)
      + (CASE WHEN u(i,16) < 200 THEN 1 ELSE 0 END)) / 100)::DECIMAL(18,2) AS gross
  FROM b ORDER BY i) TO '${DIR}/sources/orders_${N}.csv' (HEADER);
