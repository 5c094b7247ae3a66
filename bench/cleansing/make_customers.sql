-- N dirty customers: a tenth of the ids come again, names with blanks, mixed case and full-width
-- forms (WIDE of 10,000), three forms of dates (1 % are none), codes to look up (200, 1 % unknown).
CREATE MACRO u(i, s) AS (hash(i * 1000 + s) % 10000)::INTEGER;
COPY (SELECT 'C' || printf('%03d', i) AS code, 'DEPT ' || (i * 37 % 200) AS dept FROM range(200) t(i))
  TO '${DIR}/tables/department.csv' (HEADER);
COPY (SELECT (CASE WHEN u(i,1) < 1000 THEN i - (1 + u(i,2) % 50) ELSE i END) AS id,
    CASE WHEN u(i,3) < 5000 THEN '  ' ELSE '' END ||
      CASE WHEN u(i,4) < ${WIDE} THEN translate('Acme ' || (hash(i * 1000 + 5) % 100000) || ' co',
        'abcdefghijklmnopqrstuvwxyzA0123456789 ',
        'ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚＡ０１２３４５６７８９　')
      ELSE 'Acme ' || (hash(i * 1000 + 5) % 100000) || ' co' END ||
      CASE WHEN u(i,6) < 5000 THEN ' ' ELSE '' END AS name,
    CASE WHEN u(i,7) < 100 THEN 'not a date'
      WHEN u(i,7) < 5000 THEN strftime(DATE '2020-01-01' + (u(i,8) % 2000)::INTEGER, '%Y-%m-%d')
      WHEN u(i,7) < 8000 THEN strftime(DATE '2020-01-01' + (u(i,8) % 2000)::INTEGER, '%Y/%m/%d')
      ELSE strftime(DATE '2020-01-01' + (u(i,8) % 2000)::INTEGER, '%Y%m%d') END AS dt,
    CASE WHEN u(i,9) < 100 THEN 'x999'
      ELSE (CASE WHEN u(i,9) % 2 = 0 THEN 'C' ELSE ' c' END) || printf('%03d', u(i,10) % 200) END AS code,
    ((hash(i * 1000 + 11) % 10000000) // 100) || '.' || lpad((hash(i * 1000 + 11) % 100)::VARCHAR, 2, '0') AS amount,
    ['tokyo', 'Osaka ', 'NAGOYA'][1 + u(i,12) % 3] AS city, ['y', 'N', 'Y', 'n'][1 + u(i,13) % 4] AS flag,
    1700000000 + i AS updated_at, printf('%04d', u(i,14)) AS branch, 'note ' || (u(i,15) % 1000) AS note
  FROM range(${N}) t(i)) TO '${DIR}/sources/customers_${NAME}.csv' (HEADER);
