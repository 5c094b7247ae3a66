-- A thousand pools and N receivers of them, whole numbers throughout.
COPY (SELECT i AS pool_id, (1000000 + hash(i * 77 + 3) % 100000000)::DECIMAL(18,0) * 0.01::DECIMAL(3,2) AS amount
  FROM range(1000) t(i)) TO '${DIR}/sources/pools.csv' (HEADER);
COPY (SELECT i AS user_id, hash(i * 13 + 1) % 1000 AS pool_id, 1 + hash(i * 13 + 2) % 100000 AS visits
  FROM range(${N}) t(i) ORDER BY i) TO '${DIR}/sources/users_${N}.csv' (HEADER);
