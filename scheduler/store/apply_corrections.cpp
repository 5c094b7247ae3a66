#include "scheduler/store/apply_corrections.h"

namespace tallymill {

void apply_rows_corrected(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  database.execute(
      "insert into correction (event, graph, period, job, version, file, row_count, body, who,"
      " imported_at, why) values (:p0, :p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8, :p9, :p10)",
      {stored.number, json_text(body, "graph"), json_text(body, "period"), stored.event.job,
       json_text(body, "version"), json_text(body, "file"), json_integer(body, "rows"),
       json_text(body, "text"), stored.who, stored.at, stored.event.why});
}

}  // namespace tallymill
