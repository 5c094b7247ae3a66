#!/bin/sh
# The sixteen checks in SQLite, counted only: sqlite_checks.sh FOLDER ROWS
sqlite3 :memory: <<SQL
CREATE TABLE o(id INTEGER, cust_id INTEGER, code TEXT, status TEXT, ccy TEXT, order_date TEXT, ship_date TEXT, net REAL, tax REAL, gross REAL);
CREATE TABLE c(cust_id INTEGER PRIMARY KEY, name TEXT);
.mode csv
.import --skip 1 $1/sources/orders_$2.csv o
.import --skip 1 $1/tables/customers.csv c
.mode list
SELECT count(*), sum(cust_id = ''), sum(status = ''), sum(net = ''),
 sum(status <> '' AND status NOT IN ('NEW','OPEN','PAID','SHIPPED','CLOSED')),
 sum(ccy NOT IN ('USD','EUR','JPY','GBP','CHF','AUD','CAD','SEK')),
 sum(net <> '' AND net NOT BETWEEN 0 AND 10000), sum(tax NOT BETWEEN 0 AND 2000),
 sum(order_date NOT BETWEEN '2020-01-01' AND '2025-12-31'),
 sum(NOT code REGEXP '^[A-Z][A-Z]-[0-9]{6}\$'), sum(NOT ccy REGEXP '^[A-Z]{3}\$'),
 sum(ship_date < order_date), sum(net <> '' AND abs(net + tax - gross) > 0.005) FROM o;
SELECT count(*) - count(DISTINCT id) FROM o;
SELECT sum(n - 1) FROM (SELECT count(*) AS n FROM o GROUP BY cust_id, code);
SELECT count(*) FROM o WHERE cust_id <> '' AND cust_id NOT IN (SELECT cust_id FROM c);
SQL
