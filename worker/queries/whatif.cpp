#include "books/examples.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "datasets/version.h"
#include "worker/job_of_task.h"
#include "worker/query.h"

namespace tallymill {
namespace {

/// What a job made of the question's versions, for nobody but this query.
struct Made {
  Schema schema;
  std::string parts;  ///< relations
  std::string parked;
};

Made run_task(WorkerContext& context, const Task& asked, const std::string& name,
              const std::string& dataset) {
  Task task = asked;
  task.folder = context.task().folder / "staging" / name;  // the one place to write
  std::filesystem::create_directories(task.folder);
  PublishedInputs inputs(task);
  TaskResult result;
  WorkerContext work(task, context.session(), inputs, result);
  const auto document = YamlDocument::from_json(task.spec);
  const std::unique_ptr<Job> job = make_job(job_spec(task, document->root()));
  job->plan(work);
  refuse_problems(work.diagnostics(), result);
  job->run(work);
  refuse_problems(work.diagnostics(), result);
  Made made;
  for (const TaskOutput& output : result.outputs) {
    const std::vector<std::filesystem::path> folder{task.folder / output.folder};
    if (output.dataset == dataset) {
      made.parts = parquet_relation(folder);
      made.schema = Manifest::read(folder.front()).schema;
    } else if (output.dataset == task.job + ".parked") {
      made.parked = parquet_relation(folder);
    }
  }
  return made;
}

json::object pair_of(Engine& engine, const std::string& value, const std::string& was,
                     const std::string& becomes) {
  const auto ask = [&](const std::string& relation) {
    return engine.query("SELECT CAST(" + value + " AS VARCHAR) FROM " + relation).text(0, 0);
  };
  return {{"was", ask(was)}, {"becomes", ask(becomes)}};
}

/// Both sides beside each other, by single parts or summed by a column.
std::string compared(const Made& was, const Made& becomes, const std::vector<std::string>& key) {
  const std::string names = books::column_list(key);
  const auto side = [&](const std::string& relation) {
    return "(SELECT " + names + ", sum(amount) AS amount FROM " + relation + " GROUP BY " + names +
           ")";
  };
  std::vector<std::string> same;
  std::vector<std::string> columns;
  for (const std::string& name : key) {
    const std::string quoted = quote_identifier(name);
    same.push_back("a." + quoted + " IS NOT DISTINCT FROM b." + quoted);
    columns.push_back("coalesce(a." + quoted + ", b." + quoted + ") AS " + quoted);
  }
  return "(SELECT " + join(columns, ", ") +
         ", a.amount AS was, b.amount AS becomes, coalesce(b.amount, 0) - coalesce(a.amount, 0) AS "
         "difference FROM " +
         side(was.parts) + " a FULL JOIN " + side(becomes.parts) + " b ON " + join(same, " AND ") +
         ")";
}

/// The question: {"dataset", "by", "limit", "tasks": the job as it is, and as it would be}.
json::value answer(WorkerContext& context) {
  const json::object& question = context.task().spec.as_object();
  const json::array& tasks = json_at(question, "tasks").as_array();
  const std::string dataset = json_text(question, "dataset");
  const std::string by = json_text(question, "by");
  const std::int64_t limit = json_integer(question, "limit");
  Engine& engine = context.engine();
  const Made was = run_task(context, Task::from_json(tasks.at(0)), "was", dataset);
  const Made becomes = run_task(context, Task::from_json(tasks.at(1)), "becomes", dataset);
  if (!by.empty() && was.schema.find(by) == nullptr)
    throw Error(ErrorClass::config, "dataset '" + dataset + "' has no column '" + by +
                                        "'; its columns: " + join(was.schema.names(), ", "));
  const std::vector<std::string> key = by.empty() ? was.schema.key : std::vector<std::string>{by};
  const std::string parts = compared(was, becomes, was.schema.key);
  const std::string told = compared(was, becomes, key);
  std::vector<Column> named;
  for (const std::string& name : key) named.push_back(*was.schema.find(name));
  const Rows moved = engine.query(
      "SELECT count(*), CAST(coalesce(sum(greatest(difference, 0)), 0) AS VARCHAR) FROM " + parts +
      " WHERE difference <> 0");
  // The head of a table says by what; a part is known by several columns.
  const bool is_plain = !by.empty() && !named.front().sensitive;
  const std::string what = is_plain
                               ? "coalesce(CAST(" + quote_identifier(by) + " AS VARCHAR), '(none)')"
                               : books::row_name_sql(named);
  const Rows rows =
      engine.query("SELECT " + what + ", was, becomes, difference FROM " + told +
                   " WHERE difference <> 0 ORDER BY abs(difference) DESC, " +
                   books::column_list(key) + (limit > 0 ? " LIMIT " + std::to_string(limit) : ""));
  json::array list;
  for (const auto& cells : rows.cells) {
    const auto text = [](const std::optional<std::string>& cell) {
      return cell ? json::value(*cell) : json::value(nullptr);
    };
    list.push_back(json::object{{"what", text(cells[0])},
                                {"was", text(cells[1])},
                                {"becomes", text(cells[2])},
                                {"difference", text(cells[3])}});
  }
  return json::object{
      {"parts", pair_of(engine, "count(*)", was.parts, becomes.parts)},
      {"allocated", pair_of(engine, "coalesce(sum(amount), 0)", was.parts, becomes.parts)},
      {"parked", pair_of(engine, "coalesce(sum(amount), 0)", was.parked, becomes.parked)},
      {"changed", moved.integer(0, 0)},
      {"moved", moved.text(0, 1)},
      {"rows", std::move(list)}};
}

}  // namespace

void register_whatif(Registry<Query>& queries) {
  queries.add({.name = "whatif",
               .summary = "The parts of an allocation as it is and as it would be, compared.",
               .answer = answer});
}

}  // namespace tallymill
