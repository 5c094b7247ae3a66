-- Two systems of ${N} deals with 10 columns and key id: 0.5 % missing on each side, 1 % other amounts, 0.1 % of the keys twice.
CREATE MACRO u(i, s) AS (hash(i * 1000 + s) % 100000)::INTEGER;
CREATE TABLE b AS SELECT i AS id, (hash(i * 1000 + 21) % 50000)::BIGINT AS acct, printf('AC%08d', hash(i * 1000 + 22) % 1000000) AS ref,
  ['USD', 'EUR', 'JPY', 'GBP', 'CHF'][1 + u(i, 23) % 5] AS ccy, DATE '2024-01-01' + u(i, 24) % 366 AS book_date,
  DATE '2024-01-03' + u(i, 24) % 366 AS value_date, (1 + u(i, 25) % 1000)::BIGINT AS qty,
  ((1 + hash(i * 1000 + 26) % 9999999) / 100)::DECIMAL(18, 2) AS amount, ['BUY', 'SELL', 'DIV', 'FEE'][1 + u(i, 27) % 4] AS kind,
  'memo ' || u(i, 28) % 5000 AS memo FROM range(${N}) t(i);
CREATE TABLE a2 AS SELECT * FROM b WHERE u(id, 1) >= 500;
INSERT INTO a2 SELECT * FROM b WHERE u(id, 1) >= 500 AND u(id, 3) < 100;
CREATE TABLE b2 AS SELECT * REPLACE ((CASE WHEN u(id, 4) < 1000 THEN amount + 0.01 * (1 + u(id, 5) % 500) ELSE amount END)::DECIMAL(18, 2) AS amount)
  FROM b WHERE u(id, 2) >= 500;
INSERT INTO b2 SELECT * FROM b WHERE u(id, 2) >= 500 AND u(id, 6) < 100;
COPY (SELECT * FROM a2 ORDER BY hash(id)) TO '${DIR}/sources/a_${N}.csv' (HEADER);
COPY (SELECT * FROM b2 ORDER BY hash(id + 7)) TO '${DIR}/sources/b_${N}.csv' (HEADER);
