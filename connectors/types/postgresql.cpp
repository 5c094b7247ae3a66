#include "connectors/connector.h"
#include "connectors/postgresql/comparison.h"

namespace tallymill {

namespace {

/// A PostgreSQL database.
class Postgresql final : public Connector {
 public:
  explicit Postgresql(const Options& options) : connect_(options.text("connect")) {}

  bool can(Capability capability) const override { return capability == Capability::compare; }

  std::unique_ptr<ComparedTable> open_comparison(const CompareRequest& request) override {
    return std::make_unique<PostgresqlComparison>(connect_, request);
  }

 private:
  std::string connect_;
};

}  // namespace

void register_postgresql(Registry<ConnectorType>& connectors) {
  connectors.add({
      .name = "postgresql",
      .summary = "Tables of a PostgreSQL database, compared where they are.",
      .options = {{"connect", OptionKind::text,
                   "As libpq reads it: host=... dbname=... user=...; a password from ~/.pgpass or "
                   "${env:NAME}.",
                   true}},
      .from_options = {},
      .to_options = {},
      .compare_options =
          {{"table", OptionKind::text, "The table or view, with its schema if need be.", true},
           {"where", OptionKind::text,
            "An SQL condition without `;`. :period, :period_first_day, :period_last_day and "
            ":param_NAME are bound values."}},
      .make = [](const Options& options, const ConnectorContext&) -> std::unique_ptr<Connector> {
        return std::make_unique<Postgresql>(options);
      },
  });
}

}  // namespace tallymill
