-- The raw rows as a Parquet file, as an extract leaves them. FROM is a CSV file.
SET threads = 2;
SET preserve_insertion_order = false;
COPY (SELECT * FROM ${FROM}) TO '${DIR}/raw_by_hand.parquet' (FORMAT parquet, COMPRESSION snappy);
-- fsync ${DIR}/raw_by_hand.parquet
