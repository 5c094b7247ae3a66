-- A thousand pools and N users of a thousand organisations.
COPY (SELECT 'org' || lpad(o::VARCHAR, 4, '0') AS org_code,
    (1000000 + hash(o) % 900000000)::DECIMAL(18,0) * 0.01::DECIMAL(3,2) AS amount FROM range(1000) t(o))
  TO '${DIR}/sources/pools.csv' (HEADER);
COPY (SELECT i AS user_id, 'org' || lpad((hash(i) % 1000)::VARCHAR, 4, '0') AS org_code, (hash(i + 7) % 500)::BIGINT AS visits
  FROM range(${N}) t(i) ORDER BY i) TO '${DIR}/sources/users_${N}.csv' (HEADER);
