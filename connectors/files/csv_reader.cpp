#include "connectors/files/csv_reader.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace tallymill {

namespace {

constexpr std::int64_t kBytesWorthAThread = 1024 * 1024;

/// A header of one column that holds another separator was most likely written with that.
std::string other_delimiter(const std::vector<std::string>& header) {
  if (header.size() != 1) return {};
  const std::size_t at = header[0].find_first_of(";\t|");
  if (at == std::string::npos) return {};
  const std::string mark = header[0][at] == '\t' ? "tab" : header[0].substr(at, 1);
  return "; if '" + mark + "' separates its cells, say delimiter: \"" + mark + "\"";
}

Error lacks_column(const std::string& file, const WantedColumn& wanted,
                   const std::vector<std::string>& header) {
  const std::string meant = did_you_mean(wanted.name, header);
  // In quotes: blanks around a name cannot be seen otherwise.
  const std::string all = "its columns are '" + join(header, "', '") + "'";
  return Error(ErrorClass::data,
               "file '" + file + "' has no column '" + wanted.name + "'; " +
                   (meant.empty() ? all + other_delimiter(header) : meant),
               wanted.where);
}

Error changed_while_read(const std::string& file) {
  return Error(ErrorClass::transient,
               "file '" + file +
                   "' changed while it was read; whoever writes it should rename it into place");
}

json::value stat_to_json(const FileStat& stat) {
  return json::array{stat.modified_ns, stat.changed_ns, static_cast<std::int64_t>(stat.inode)};
}

}  // namespace

CsvReader::CsvReader(std::vector<FoundFile> files, csv::Dialect dialect,
                     std::vector<WantedColumn> wanted)
    : files_(std::move(files)),
      dialect_(std::move(dialect)),
      wanted_(std::move(wanted)),
      states_(files_.size()) {
  for (const WantedColumn& column : wanted_) columns_.push_back(column.name);
  for (std::size_t i = 0; i < files_.size(); ++i) {
    sources_.push_back(files_[i].name);
    auto file = std::make_unique<CsvFile>(files_[i], dialect_);
    states_[i].stat = file->stream().file().stat();
    if (i == 0 && wanted_.empty()) columns_ = file->header();
    map_columns(i, file->header());
    // A single file stays open; of many only the one being read is.
    if (files_.size() == 1) current_ = std::move(file);
  }
}

void CsvReader::map_columns(std::size_t source, const std::vector<std::string>& header) {
  const std::string& file = files_[source].name;
  std::vector<int>& fields = states_[source].field_of_cell;
  fields.assign(header.size(), -1);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const WantedColumn wanted = wanted_.empty() ? WantedColumn{columns_[i]} : wanted_[i];
    auto found = std::find(header.begin(), header.end(), wanted.name);
    if (found == header.end()) throw lacks_column(file, wanted, header);
    if (wanted_.empty() && header == columns_)
      found = header.begin() + static_cast<std::ptrdiff_t>(i);
    else if (std::find(found + 1, header.end(), wanted.name) != header.end())
      throw Error(ErrorClass::data,
                  "file '" + file + "' has several columns named '" + wanted.name + "'",
                  wanted.where);
    fields[static_cast<std::size_t>(found - header.begin())] = static_cast<int>(i);
  }
  for (std::size_t i = 0; i < header.size(); ++i)
    if (fields[i] < 0 && !header[i].empty()) ignored_.emplace_back(file, header[i]);
}

/// The same files with the same content, whatever their times: content is what a fingerprint is
/// about. Equal size, times and inode spare the hashing.
bool CsvReader::is_unchanged(const SourceState& previous) {
  if (!previous.is_object() || !previous.as_object().contains("files")) return false;
  const json::array& known = json_at(previous.as_object(), "files").as_array();
  if (known.size() != files_.size()) return false;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const json::object& file = known[i].as_object();
    if (json_text(file, "path") != files_[i].name ||
        json_integer(file, "bytes") != states_[i].stat.bytes)
      return false;
  }
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const json::object& file = known[i].as_object();
    const std::string xxh3 = json_text(file, "xxh3");
    if (json_at(file, "stat") != stat_to_json(states_[i].stat) &&
        xxh3_128_file(files_[i].path).hex() != xxh3)
      return false;
    states_[i].xxh3 = xxh3;
  }
  return true;
}

std::size_t CsvReader::max_threads() const {
  std::int64_t bytes = 0;
  for (const Source& source : states_) bytes += source.stat.bytes;
  return static_cast<std::size_t>(bytes / kBytesWorthAThread + 1);
}

/// Hands out the next block of whole records; false when every file is read to its end.
bool CsvReader::next_block(CsvBlock& block) {
  const std::lock_guard guard(mutex_);
  while (true) {
    if (!current_) {
      if (at_ == files_.size()) return false;
      current_ = std::make_unique<CsvFile>(files_[at_], dialect_);
      if (current_->stream().file().stat() != states_[at_].stat)
        throw changed_while_read(files_[at_].name);
    }
    block.source = at_;
    if (current_->next_block(block)) return true;
    states_[at_].xxh3 = current_->stream().file().hash().hex();
    record_ends_ += current_->record_ends();
    current_.reset();
    ++at_;
  }
}

void CsvReader::finish() {
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (FileStat::of(files_[i].path) != states_[i].stat) throw changed_while_read(files_[i].name);
  const std::int64_t taken = delivered_ + blank_lines_;
  if (at_ != files_.size() || taken != record_ends_)
    throw Error(ErrorClass::bug, "the scan found " + std::to_string(record_ends_) +
                                     " records, but " + std::to_string(taken) +
                                     " were taken apart");
}

std::int64_t CsvReader::records_read() const { return record_ends_ - blank_lines_; }

SourceState CsvReader::state() const {
  json::array files;
  for (std::size_t i = 0; i < files_.size(); ++i)
    files.push_back({{"path", files_[i].name},
                     {"bytes", states_[i].stat.bytes},
                     {"xxh3", states_[i].xxh3},
                     {"stat", stat_to_json(states_[i].stat)}});
  return {{"files", files}};
}

json::object CsvReader::report() const {
  return {{"files", static_cast<std::int64_t>(files_.size())},
          {"blank_lines", blank_lines_.load()}};
}

}  // namespace tallymill
