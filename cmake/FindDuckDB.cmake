# libduckdb.so and its C header come from npm (package.json pins an exact match). The library is
# opened at run time on first use, so nothing links to it; only the C header is copied, never the
# C++ tree.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(_duckdb_arch arm64)
else()
  set(_duckdb_arch x64)
endif()
find_file(DUCKDB_LIBRARY libduckdb.so
  PATHS "${CMAKE_SOURCE_DIR}/node_modules/@duckdb/node-bindings-linux-${_duckdb_arch}" NO_DEFAULT_PATH)
find_file(DUCKDB_HEADER duckdb.h
  PATHS "${CMAKE_SOURCE_DIR}/node_modules/duckdb/src/duckdb/src/include" NO_DEFAULT_PATH)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(DuckDB
  REASON_FAILURE_MESSAGE "run ./dev build, or npm ci --ignore-scripts in the source folder"
  REQUIRED_VARS DUCKDB_LIBRARY DUCKDB_HEADER)
if(DuckDB_FOUND AND NOT TARGET DuckDB::headers)
  file(COPY "${DUCKDB_HEADER}" DESTINATION "${CMAKE_BINARY_DIR}/duckdb-include")
  add_library(DuckDB::headers INTERFACE IMPORTED)
  set_target_properties(DuckDB::headers PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${CMAKE_BINARY_DIR}/duckdb-include")
endif()
