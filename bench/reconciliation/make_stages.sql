-- A bank statement of ${N} lines over ${N} / 500 accounts and a ledger: 95 % equal, 2 % a few fen and days apart, 1 % paid in two parts, 1 % two paid
-- at once, 0.5 % without a reference under names that are nearly the same, 0.5 % on one side only.
CREATE MACRO u(i, s) AS (hash(i * 1000 + s) % 100000)::INTEGER;
CREATE TABLE l AS SELECT i AS entry, 'A' || (hash(i * 1000 + 1) % greatest(${N} // 500, 1)) AS account, 'INV-' || i AS ref,
  ((100 + hash(i * 1000 + 2) % 9999900) / 100)::DECIMAL(18, 2) AS amount, DATE '2026-01-01' + u(i, 3) % 28 AS day,
  'customer ' || u(i, 4) || ' of street ' || u(i, 5) AS name, u(i, 6) AS fate FROM range(${N}) t(i);
CREATE TABLE bank AS
  SELECT entry AS line, account, ref, amount, day, name FROM l WHERE fate >= 5000
  UNION ALL SELECT entry, account, ref, amount - 0.01 * (1 + u(entry, 7) % 4), day + 1, name FROM l WHERE fate < 2000
  UNION ALL SELECT entry, account, ref, (amount * 0.25)::DECIMAL(18, 2), day, name FROM l WHERE fate BETWEEN 2000 AND 2999
  UNION ALL SELECT ${N} + entry, account, ref, amount - (amount * 0.25)::DECIMAL(18, 2), day, name FROM l WHERE fate BETWEEN 2000 AND 2999
  UNION ALL SELECT entry, account, NULL, amount, day, name || ' Ltd' FROM l WHERE fate BETWEEN 4000 AND 4499
  UNION ALL SELECT entry, account, ref, amount + 50, day, name FROM l WHERE fate BETWEEN 3000 AND 3999;
CREATE TABLE ledger AS
  SELECT entry, account, ref, amount, day, name FROM l WHERE fate NOT BETWEEN 3000 AND 3999
  UNION ALL SELECT entry, account, ref, amount, day, name FROM l WHERE fate BETWEEN 3000 AND 3999
  UNION ALL SELECT ${N} + entry, account, ref, 50, day, name FROM l WHERE fate BETWEEN 3000 AND 3999;
COPY (SELECT * FROM bank ORDER BY hash(line)) TO '${DIR}/sources/bank_${N}.csv' (HEADER);
COPY (SELECT * FROM ledger ORDER BY hash(entry + 7)) TO '${DIR}/sources/ledger_${N}.csv' (HEADER);
