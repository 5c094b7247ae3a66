#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/digest.h"
#include "core/text.h"
#include "datasets/engine_state.h"
#include "datasets/row_bytes.h"

namespace tallymill {

/// An SQL aggregate over xxh3-128 hashes of rows, for `select f("a", "b") from ...` without GROUP
/// BY or windows. `State` is copied from a prototype and has
///   void add(const Hash128& row); void merge(State&& other); std::string text() const;
/// and, if it also looks at where rows come from (`places`),
///   void add_place(const Hash128& row_and_place);
/// or hashes what it is given itself:
///   void add_chunk(std::span<const ColumnView> columns, std::size_t rows);
/// Several states may be filled by as many threads; text() of their merge is the result, a VARCHAR.
template <class State>
class RowHashAggregate {
 public:
  /// Registers it under `name` over `columns` and then `places`; gives the call with all of them
  /// quoted.
  static std::string add(Engine& engine, const std::string& name, std::span<const Column> columns,
                         State prototype, std::span<const Column> places = {}) {
    const DuckdbApi& duck = duckdb_api();
    auto definition = std::make_unique<Definition>(
        Definition{{}, columns.size(), std::move(prototype), &EngineAccess::state(engine)});
    DuckdbHandle<duckdb_aggregate_function, &DuckdbApi::destroy_aggregate_function> handle(
        duck.create_aggregate_function());
    std::vector<std::string> arguments;
    for (const std::span<const Column> part : {columns, places})
      for (const Column& column : part) {
        definition->columns.push_back(encoding_of(column.type));
        duck.aggregate_function_add_parameter(handle.get(), logical_type(column.type).get());
        arguments.push_back(quote_identifier(column.name));
      }
    duck.aggregate_function_set_name(handle.get(), name.c_str());
    duck.aggregate_function_set_return_type(handle.get(), logical_type(Type::text()).get());
    duck.aggregate_function_set_special_handling(handle.get());
    duck.aggregate_function_set_functions(handle.get(), &state_size, &start, &update, &combine,
                                          &finish);
    duck.aggregate_function_set_destructor(handle.get(), &destroy);
    duck.aggregate_function_set_extra_info(handle.get(), definition.release(), [](void* data) {
      delete static_cast<Definition*>(data);
    });
    if (duck.register_aggregate_function(EngineAccess::state(engine).connection, handle.get()) !=
        DuckDBSuccess)
      throw Error(ErrorClass::bug, "cannot register SQL function '" + name + "'");
    return name + "(" + join(arguments, ", ") + ")";
  }

 private:
  struct Definition {
    std::vector<ColumnEncoding> columns;  ///< the row's, then those of its place
    std::size_t row_columns;
    State prototype;
    EngineState* engine;
  };

  /// What lies in DuckDB's memory: aligned to 8 only, moved as bytes; hence a pointer.
  struct Slot {
    State* state;
  };
  static Slot& slot(duckdb_aggregate_state state) { return *reinterpret_cast<Slot*>(state); }
  static State& state_of(const Definition& definition, duckdb_aggregate_state state) {
    Slot& into = slot(state);
    if (into.state == nullptr) into.state = new State(definition.prototype);
    return *into.state;
  }
  static constexpr bool takes_chunks() {
    return requires(State& state, std::span<const ColumnView> views) { state.add_chunk(views, 1); };
  }

  static const Definition& definition_of(duckdb_function_info info) {
    return *static_cast<const Definition*>(duckdb_api().aggregate_function_get_extra_info(info));
  }

  static idx_t state_size(duckdb_function_info) { return sizeof(Slot); }
  static void start(duckdb_function_info, duckdb_aggregate_state state) {
    slot(state).state = nullptr;
  }
  static void destroy(duckdb_aggregate_state* states, idx_t count) {
    for (idx_t i = 0; i < count; ++i) delete slot(states[i]).state;
  }

  static void update(duckdb_function_info info, duckdb_data_chunk input,
                     duckdb_aggregate_state* states) {
    const Definition& definition = definition_of(info);
    definition.engine->guarded(
        [&] { add_rows(definition, input, states); },
        [&](const char* message) { duckdb_api().aggregate_function_set_error(info, message); });
  }

  static void add_rows(const Definition& definition, duckdb_data_chunk input,
                       duckdb_aggregate_state* states) {
    const DuckdbApi& duck = duckdb_api();
    std::vector<ColumnView> views(definition.columns.size());
    for (std::size_t i = 0; i < views.size(); ++i) {
      duckdb_vector vector = duck.data_chunk_get_vector(input, i);
      views[i] = {duck.vector_get_data(vector), duck.vector_get_validity(vector)};
    }
    const std::size_t rows = duck.data_chunk_get_size(input);
    if constexpr (takes_chunks()) {
      // Without GROUP BY all rows are of one group.
      if (rows > 0) state_of(definition, states[0]).add_chunk(views, rows);
    } else {
      add_each(definition, views, rows, states);
    }
  }

  static void add_each(const Definition& definition, std::span<const ColumnView> views,
                       std::size_t rows, duckdb_aggregate_state* states) {
    RowBytes bytes;
    for (std::size_t row = 0; row < rows; ++row) {
      bytes.clear();
      for (std::size_t i = 0; i < definition.row_columns; ++i)
        bytes.append(definition.columns[i], views[i], row);
      State& into = state_of(definition, states[row]);
      const Hash128 hash = xxh3_128(bytes.view());
      into.add(hash);
      if constexpr (requires(State& state) { state.add_place(hash); }) {
        if (definition.row_columns == views.size()) continue;
        bytes.clear();
        bytes.append(hash);
        for (std::size_t i = definition.row_columns; i < views.size(); ++i)
          bytes.append(definition.columns[i], views[i], row);
        into.add_place(xxh3_128(bytes.view()));
      }
    }
  }

  static void combine(duckdb_function_info info, duckdb_aggregate_state* sources,
                      duckdb_aggregate_state* targets, idx_t count) {
    definition_of(info).engine->guarded(
        [&] {
          for (idx_t i = 0; i < count; ++i) {
            Slot& source = slot(sources[i]);
            Slot& target = slot(targets[i]);
            if (source.state == nullptr) continue;
            // Without windows a source is used up by being combined.
            if (target.state == nullptr)
              std::swap(target.state, source.state);
            else
              target.state->merge(std::move(*source.state));
          }
        },
        [&](const char* message) { duckdb_api().aggregate_function_set_error(info, message); });
  }

  static void finish(duckdb_function_info info, duckdb_aggregate_state* states,
                     duckdb_vector result, idx_t count, idx_t offset) {
    const Definition& definition = definition_of(info);
    definition.engine->guarded(
        [&] {
          ColumnWriter writer(result);
          for (idx_t i = 0; i < count; ++i) {
            const State* state = slot(states[i]).state;
            writer.set_text(offset + i, (state == nullptr ? definition.prototype : *state).text());
          }
        },
        [&](const char* message) { duckdb_api().aggregate_function_set_error(info, message); });
  }
};

}  // namespace tallymill
