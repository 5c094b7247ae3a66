#include "datasets/aggregate_function.h"

#include "core/error.h"
#include "datasets/engine_state.h"

namespace tallymill {
namespace {

struct RegisteredAggregate {
  AggregateFunction function;
  EngineState* engine = nullptr;
};

/// What lies in DuckDB's memory, which moves it as bytes; hence a pointer.
struct Slot {
  GroupState* state;
};
Slot& slot(duckdb_aggregate_state state) { return *reinterpret_cast<Slot*>(state); }

const RegisteredAggregate& registered_of(duckdb_function_info info) {
  return *static_cast<const RegisteredAggregate*>(
      duckdb_api().aggregate_function_get_extra_info(info));
}

template <class Body>
void guarded(duckdb_function_info info, Body&& body) {
  registered_of(info).engine->guarded(
      body, [&](const char* message) { duckdb_api().aggregate_function_set_error(info, message); });
}

idx_t state_size(duckdb_function_info) { return sizeof(Slot); }

void start(duckdb_function_info, duckdb_aggregate_state state) { slot(state).state = nullptr; }

void destroy(duckdb_aggregate_state* states, idx_t count) {
  for (idx_t i = 0; i < count; ++i) delete slot(states[i]).state;
}

void update(duckdb_function_info info, duckdb_data_chunk input, duckdb_aggregate_state* states) {
  guarded(info, [&] {
    const AggregateFunction& function = registered_of(info).function;
    const ChunkViews arguments(input, function.parameters);
    for (std::size_t row = 0; row < arguments.rows(); ++row) {
      Slot& into = slot(states[row]);
      if (into.state == nullptr) into.state = function.make().release();
      into.state->add(arguments.columns(), row);
    }
  });
}

void combine(duckdb_function_info info, duckdb_aggregate_state* sources,
             duckdb_aggregate_state* targets, idx_t count) {
  guarded(info, [&] {
    for (idx_t i = 0; i < count; ++i) {
      Slot& source = slot(sources[i]);
      Slot& target = slot(targets[i]);
      if (source.state == nullptr) continue;
      // Without windows a source is used up by being combined.
      if (target.state == nullptr)
        std::swap(target.state, source.state);
      else
        target.state->merge(*source.state);
    }
  });
}

void finish(duckdb_function_info info, duckdb_aggregate_state* states, duckdb_vector result,
            idx_t count, idx_t offset) {
  guarded(info, [&] {
    ColumnWriter writer(result);
    for (idx_t i = 0; i < count; ++i) {
      if (const GroupState* state = slot(states[i]).state)
        state->write(writer, offset + i);
      else
        writer.set_null(offset + i);
    }
  });
}

DuckdbType struct_type(const std::vector<Column>& fields) {
  std::vector<DuckdbType> types;
  std::vector<duckdb_logical_type> handles;
  std::vector<const char*> names;
  for (const Column& field : fields) {
    types.push_back(logical_type(field.type));
    handles.push_back(types.back().get());
    names.push_back(field.name.c_str());
  }
  return DuckdbType(duckdb_api().create_struct_type(handles.data(), names.data(), handles.size()));
}

}  // namespace

void add_aggregate(Engine& engine, const AggregateFunction& function) {
  if (engine.has_function(function.name)) return;
  const DuckdbApi& duck = duckdb_api();
  EngineState& state = EngineAccess::state(engine);
  DuckdbHandle<duckdb_aggregate_function, &DuckdbApi::destroy_aggregate_function> handle(
      duck.create_aggregate_function());
  for (const Type& parameter : function.parameters)
    duck.aggregate_function_add_parameter(handle.get(), logical_type(parameter).get());
  duck.aggregate_function_set_name(handle.get(), function.name.c_str());
  duck.aggregate_function_set_return_type(handle.get(), struct_type(function.result).get());
  duck.aggregate_function_set_special_handling(handle.get());
  duck.aggregate_function_set_functions(handle.get(), &state_size, &start, &update, &combine,
                                        &finish);
  duck.aggregate_function_set_destructor(handle.get(), &destroy);
  duck.aggregate_function_set_extra_info(
      handle.get(), new RegisteredAggregate{function, &state},
      [](void* data) { delete static_cast<RegisteredAggregate*>(data); });
  if (duck.register_aggregate_function(state.connection, handle.get()) != DuckDBSuccess)
    throw Error(ErrorClass::bug, "cannot register SQL function '" + function.name + "'");
  state.functions.insert(function.name);
}

}  // namespace tallymill
