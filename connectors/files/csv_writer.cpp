#include "connectors/files/csv_writer.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "connectors/csv/dialect.h"
#include "connectors/encoding/gb18030.h"
#include "connectors/files/csv_reader.h"
#include "connectors/publication.h"
#include "connectors/value_parser.h"
#include "core/disk_space.h"
#include "core/error.h"

namespace tallymill {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kFlushBytes = 1024 * 1024;
/// No quoted cell is too long to be read back.
constexpr std::size_t kAnyLength = std::size_t{1} << 40;

[[noreturn]] void fail(const std::string& doing, const fs::path& file) {
  throw file_problem(doing, file, errno);
}

/// An exclusive lock on a folder: between writers of targets in it.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder)
      : fd_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (!fd_.is_open()) fail("open", folder);
    int result = 0;
    do {
      result = ::flock(fd_.get(), LOCK_EX);
    } while (result != 0 && errno == EINTR);
    if (result != 0) fail("lock", folder);
  }

 private:
  UniqueFd fd_;
};

/// Counts and sums what a file holds, by our own reader and parsers.
class Tally final : public RecordSink {
 public:
  Tally(const std::vector<Column>& columns, WriteReceipt& receipt)
      : columns_(columns), receipt_(receipt) {
    for (const Column& column : columns_) parsers_.emplace_back(column.type);
  }

  void record(std::size_t, std::int64_t line, std::span<const SourceField> fields,
              std::string_view) override {
    ++receipt_.rows;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (!columns_[i].type.is_summable() || fields[i].is_null) continue;
      ParsedValue value;
      if (parsers_[i].parse(fields[i].text, value) != ParseProblem::none)
        malformed(0, line, "unreadable", {}, {});
      receipt_.amounts[columns_[i].name] += exact_number(parsers_[i], value);
    }
  }
  void malformed(std::size_t, std::int64_t line, std::string_view reason, std::string,
                 std::string_view) override {
    throw Error(ErrorClass::bug, "line " + std::to_string(line) +
                                     " of the file just written reads back as " +
                                     std::string(reason));
  }
  bool is_full() const override { return false; }

 private:
  const std::vector<Column>& columns_;
  std::vector<ValueParser> parsers_;
  WriteReceipt& receipt_;
};

bool starts_like_a_formula(std::string_view text) {
  return !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
}

/// ".report.csv.tallymill" beside "report.csv".
fs::path hidden_beside(const fs::path& target, const std::string& ending) {
  return target.parent_path() / ("." + target.filename().string() + ending);
}

}  // namespace

CsvStyle CsvStyle::from(const Options& to) {
  CsvStyle style;
  const std::string delimiter = to.text("delimiter", ",");
  style.delimiter = delimiter == "tab" ? '\t' : delimiter[0];
  const std::string encoding = to.text("encoding", "utf-8");
  if (encoding == "utf-8-bom") style.encoding = Encoding::utf8_bom;
  if (encoding == "gb18030") style.encoding = Encoding::gb18030;
  style.has_header = to.boolean("header", true);
  style.guards_formulas = to.boolean("formula_guard");
  return style;
}

std::vector<OptionSpec> CsvStyle::options() {
  OptionSpec format{"format", OptionKind::choice, "The format of the file.", false, "csv"};
  format.choices = {"csv"};
  OptionSpec delimiter{"delimiter", OptionKind::choice, "What separates cells.", false, ","};
  delimiter.choices = {",", ";", "|", "tab"};
  OptionSpec encoding{"encoding", OptionKind::choice, "The encoding of the file.", false, "utf-8"};
  encoding.choices = {"utf-8", "utf-8-bom", "gb18030"};
  return {
      format,
      delimiter,
      encoding,
      {"header", OptionKind::boolean, "Whether the first line names the columns.", false, "true"},
      {"formula_guard", OptionKind::boolean,
       "Put a ' before text a spreadsheet would run as a formula; changes the text.", false,
       "false"}};
}

CsvWriter::CsvWriter(std::string name, fs::path target, const WriteRequest& request, CsvStyle style)
    : name_(std::move(name)),
      target_(std::move(target)),
      part_(hidden_beside(target_, "." + request.publication.epoch.nonce + ".part")),
      columns_(request.columns),
      publication_(request.publication),
      style_(style),
      fd_(::open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
  if (!fd_.is_open()) fail("create", part_);
  if (style_.encoding == CsvStyle::Encoding::utf8_bom) buffer_ = kUtf8Bom;
  if (!style_.has_header) return;
  for (const Column& column : columns_) append_cell({column.name}, true);
  end_record();
}

CsvWriter::~CsvWriter() {
  std::error_code ignored;
  fs::remove(part_, ignored);
}

void CsvWriter::write(std::span<const SourceField> fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const TypeKind kind = columns_[i].type.kind;
    append_cell(fields[i], kind == TypeKind::text || kind == TypeKind::enumeration);
  }
  end_record();
}

/// A null is an empty cell, an empty text is "": reading tells them apart.
void CsvWriter::append_cell(const SourceField& field, bool is_text) {
  if (!field.is_null) {
    const bool is_guarded = is_text && style_.guards_formulas && starts_like_a_formula(field.text);
    const char special[] = {style_.delimiter, '"', '\r', '\n'};
    const bool is_quoted =
        field.text.empty() ||
        field.text.find_first_of({special, sizeof special}) != std::string_view::npos;
    if (is_quoted) record_ += '"';
    if (is_guarded) record_ += '\'';
    for (char c : field.text) {
      if (c == '"') record_ += '"';
      record_ += c;
    }
    if (is_quoted) record_ += '"';
  }
  record_ += style_.delimiter;
}

void CsvWriter::end_record() {
  // A lone null would be an empty line, which is no record.
  if (record_.size() == 1) record_.insert(0, "\"\"");
  if (!record_.empty()) record_.back() = '\n';
  buffer_ += style_.encoding == CsvStyle::Encoding::gb18030 ? encode_gb18030(record_) : record_;
  record_.clear();
  if (buffer_.size() >= kFlushBytes) flush();
}

void CsvWriter::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t size = ::write(fd_.get(), rest.data(), rest.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) fail("write", part_);
    rest.remove_prefix(static_cast<std::size_t>(size));
  }
  buffer_.clear();
}

WriteReceipt CsvWriter::read_back() {
  flush();
  if (::fsync(fd_.get()) != 0) fail("write", part_);
  fd_.reset();
  csv::Dialect dialect;
  dialect.syntax.delimiter = style_.delimiter;
  dialect.syntax.max_quoted_bytes = kAnyLength;
  dialect.syntax.max_quoted_lines = kAnyLength;
  dialect.encoding =
      style_.encoding == CsvStyle::Encoding::gb18030 ? TextEncoding::gb18030 : TextEncoding::utf8;
  std::vector<WantedColumn> wanted;
  for (const Column& column : columns_) {
    wanted.push_back({column.name});
    dialect.names.push_back(column.name);
  }
  if (!style_.has_header) dialect.header = csv::Header::declared;
  // See end_record(): in a lone column a null is written as "".
  if (columns_.size() == 1) dialect.null_values = {std::string()};
  WriteReceipt receipt{name_, 0, {}};
  for (const Column& column : columns_)
    if (column.type.is_summable()) receipt.amounts[column.name] = 0;
  CsvReader reader({{name_, part_}}, dialect, wanted);
  Tally tally(columns_, receipt);
  const auto cursor = reader.open_cursor();
  while (cursor->read(tally)) {
  }
  reader.finish();
  return receipt;
}

void CsvWriter::commit() {
  const fs::path marker = hidden_beside(target_, ".tallymill");
  const FolderLock lock(target_.parent_path());
  if (fs::exists(marker))
    require_newer(
        publication_from_json(parse_json(read_file(marker), marker.string()), marker.string()),
        publication_, "file " + target_.string(), marker.string());
  // The marker first: if we die between the two, an older attempt must not get in.
  write_file_durably(marker, pretty_json(publication_to_json(publication_)));
  if (::rename(part_.c_str(), target_.c_str()) != 0) fail("rename into place", target_);
  sync_folder(target_.parent_path());
}

}  // namespace tallymill
