-- Three systems of ${N} terminals: 0.5 % missing in each, 1 % of the second at another price, instalments of the third as two rows.
CREATE MACRO u(i, s) AS (hash(i * 1000 + s) % 100000)::INTEGER;
CREATE TABLE t AS SELECT i AS serial, ((100 + hash(i * 1000 + 2) % 999900) / 100)::DECIMAL(18, 2) AS price FROM range(${N}) t(i);
COPY (SELECT serial, price FROM t WHERE u(serial, 3) >= 500 ORDER BY hash(serial)) TO '${DIR}/sources/crm_${N}.csv' (HEADER);
COPY (SELECT serial, (CASE WHEN u(serial, 4) < 1000 THEN price + 1 ELSE price END)::DECIMAL(18, 2) AS price FROM t WHERE u(serial, 5) >= 500
  ORDER BY hash(serial + 7)) TO '${DIR}/sources/dealer_${N}.csv' (HEADER);
COPY (SELECT serial, price FROM t WHERE u(serial, 6) >= 500 ORDER BY hash(serial + 9)) TO '${DIR}/sources/fund_${N}.csv' (HEADER);
