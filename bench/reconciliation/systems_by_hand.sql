-- Three systems joined by key, what is not equal kept: no statement, books, ids or digest.
COPY (
  SELECT coalesce(c.serial, d.serial, f.serial) AS serial, c.price AS crm, d.price AS dealer, f.price AS fund
  FROM '${CRM}' c FULL OUTER JOIN '${DEALER}' d ON c.serial = d.serial FULL OUTER JOIN '${FUND}' f ON coalesce(c.serial, d.serial) = f.serial
  WHERE c.price IS DISTINCT FROM d.price OR c.price IS DISTINCT FROM f.price
) TO '${OUT}' (FORMAT parquet);
