-- The same rows written by hand: what no date is becomes null, what is merged is gone. FROM is a
-- CSV or a Parquet file.
SET threads = 2;
SET preserve_insertion_order = false;
COPY (SELECT * EXCLUDE (rn) FROM (SELECT r.id,
    upper(trim(CASE WHEN strlen(name) = length(name) THEN name ELSE translate(name,
      'ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ０１２３４５６７８９　',
      'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ') END)) AS name,
    coalesce(try_cast(replace(dt, '/', '-') AS DATE), try_strptime(dt, '%Y%m%d')::DATE) AS dt, m.dept,
    amount::DECIMAL(18,2) AS amount, upper(trim(city)) AS city, upper(flag) AS flag, updated_at, branch, note,
    row_number() OVER (PARTITION BY r.id ORDER BY updated_at DESC) AS rn
  FROM ${FROM} r
  LEFT JOIN (SELECT upper(code) AS code, dept FROM read_csv('${DIR}/tables/department.csv', header = true)) m
    ON m.code = upper(trim(r.code))) WHERE rn = 1)
  TO '${DIR}/by_hand.parquet' (FORMAT parquet, COMPRESSION snappy);
-- fsync ${DIR}/by_hand.parquet
