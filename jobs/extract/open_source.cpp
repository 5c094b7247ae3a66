#include "jobs/extract/open_source.h"

#include "core/error.h"
#include "jobs/connector_options.h"

namespace tallymill {

OpenSource open_source(JobContext& context, const std::string& connector, const Options& from,
                       std::vector<WantedColumn> wanted) {
  OpenSource source;
  source.connector =
      open_connector(connector_types(), context.task(), connector, from.position("connector"));
  try {
    source.reader = source.connector.connector->open_reader(
        {from, std::move(wanted), source_parameters(context.task()),
         [&](const std::string& text, const SourcePosition& where) {
           return context.expand(text, where);
         },
         context.task().time.zone});
  } catch (Error& error) {
    error.add_context("opening connector '" + connector + "'");
    throw;
  }
  return source;
}

}  // namespace tallymill
