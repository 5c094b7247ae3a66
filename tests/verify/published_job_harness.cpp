#include "core/text.h"
#include "datasets/version.h"
#include "tests/verify/published_job.h"

namespace tallymill {

namespace fs = std::filesystem;

void PublishedJob::publish() {
  const TaskResult result = run();
  REQUIRE_MESSAGE(result.outcome != TaskOutcome::failed, result.error);
  options_ = YamlDocument::from_json(task.spec);
  job_ = {.graph = task.graph,
          .job = task.job,
          .partition = task.partition,
          .period = task.period,
          .type = task.type,
          .options = Options(options_->root()),
          .params = task.params,
          .inputs = {},
          .made = {},
          .ledger = result.ledger,
          .report = result.report};
  if (const YamlNode driver = options_->root().find("driver"); driver && driver.find("sql")) {
    const std::string sql(driver.find("sql").text());
    job_.expressions[sql] = sql;
  }
  const auto add = [&](const Options& of, const char* list, const char* option, const auto& name) {
    if (!of.has(list)) return;
    std::size_t number = 0;
    for (const YamlNode& node : of.list(list)) {
      const Options entry(node);
      if (entry.has(option)) job_.expressions[name(entry, number)] = entry.text(option);
      ++number;
    }
  };
  for (const char* side : {"left", "right"})
    if (job_.options.has(side) && job_.options.object(side).has("where"))
      job_.expressions[std::string(side) + " where"] = job_.options.object(side).text("where");
  add(job_.options, "systems", "where",
      [](const Options& system, std::size_t) { return system.text("name") + " where"; });
  const auto numbered = [](const std::string& name) {
    return
        [name](const Options&, std::size_t number) { return name + " " + std::to_string(number); };
  };
  add(job_.options, "complete_when", "condition", numbered("complete_when"));
  if (job_.options.has("life")) {
    const Options life = job_.options.object("life");
    add(life, "write_off", "when", numbered("write_off"));
    if (life.has("days")) job_.expressions["life days"] = life.text("days");
  }
  for (const auto& [name, versions] : task.inputs) {
    const bool is_of_several = std::ranges::find(task.several, name) != task.several.end();
    for (const InputVersion& version : versions) {
      job_.inputs[name].push_back({.dataset = version.dataset.empty() ? name : version.dataset,
                                   .version = version.version,
                                   .folder = version.folder,
                                   .digest = version.digest});
      if (is_of_several)
        job_.inputs[name].back().origin = {.period = version.period,
                                           .partition = version.partition};
    }
  }
  for (const auto& [path, file] : task.files) job_.files[path] = read_file(file.blob);
  for (const TaskOutput& output : result.outputs)
    job_.made.push_back({.dataset = output.dataset,
                         .version = task.attempt,
                         .folder = task.folder / output.folder,
                         .digest = output.digest,
                         .evidence = output.evidence,
                         .is_made = true,
                         .rows = output.rows,
                         .amounts = output.amounts});
  EngineSettings settings{.threads = 1, .readable = {root()}, .writable = {root()}};
  for (const auto& [name, versions] : task.inputs)
    for (const InputVersion& version : versions) settings.readable.push_back(version.folder);
  engine_ = std::make_unique<Engine>(settings);
}

verify::RecordedJob PublishedJob::recorded() const { return job_; }

verify::RecordedVersion& PublishedJob::made(const std::string& dataset) {
  for (verify::RecordedVersion& version : job_.made)
    if (version.dataset == dataset) return version;
  FAIL("the job made no " << dataset);
  return job_.made.front();
}

json::object PublishedJob::verify(bool certificate) const {
  return verify::verify_job(*engine_, job_, {.contents_of = {}, .certificate = certificate});
}

std::vector<std::string> PublishedJob::mismatches(const json::object& proof) {
  std::vector<std::string> lines;
  for (const json::value& value : proof.at("mismatches").as_array()) {
    const json::object& mismatch = value.as_object();
    std::string line = json_text(mismatch, "dataset");
    if (mismatch.contains("file")) line += "/" + json_text(mismatch, "file");
    if (mismatch.contains("line")) line += ":" + std::to_string(json_integer(mismatch, "line"));
    lines.push_back(line + ": " + json_text(mismatch, "identity") + ": expected " +
                    json_text(mismatch, "expected") + ", found " + json_text(mismatch, "found"));
  }
  return lines;
}

void PublishedJob::rewrite(const std::string& dataset, const std::string& select,
                           bool with_manifest) {
  verify::RecordedVersion& version = made(dataset);
  const fs::path folder = root() / ("rewritten_" + std::to_string(++rewritten_));
  fs::create_directories(folder);
  const std::vector<fs::path> folders{version.folder};
  engine_->execute("COPY (WITH rows AS (SELECT * FROM " + parquet_relation(folders) + ") " +
                   select + ") TO " + quote_literal((folder / "part-0000.parquet").string()) +
                   " (FORMAT parquet)");
  Manifest manifest = Manifest::read(version.folder);
  if (with_manifest) {
    const std::vector<fs::path> now{folder};
    const std::string relation = parquet_relation(now);
    manifest.rows = engine_->query("SELECT count(*) FROM " + relation).integer(0, 0);
    manifest.digest = content_digest(*engine_, relation, manifest.schema);
    for (auto& [column, amount] : manifest.amounts) {
      const std::string sum = "sum(" + quote_identifier(column) + ")";
      amount =
          engine_->query("SELECT coalesce(" + sum + ", 0)::VARCHAR FROM " + relation).text(0, 0);
    }
    const fs::path part = folder / "part-0000.parquet";
    manifest.files = {{.name = "part-0000.parquet",
                       .bytes = static_cast<std::int64_t>(fs::file_size(part)),
                       .xxh3 = xxh3_128_file(part).hex()}};
  }
  write_file_durably(folder / "manifest.json", pretty_json(manifest.to_json()));
  version.folder = folder;
}

void PublishedJob::believe(const std::string& dataset) {
  verify::RecordedVersion& version = made(dataset);
  const Manifest manifest = Manifest::read(version.folder);
  version.rows = manifest.rows;
  version.digest = manifest.digest;
  version.amounts = manifest.amounts;
}

}  // namespace tallymill
