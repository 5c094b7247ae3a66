#include "datasets/row_sieve.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>
#include <mutex>
#include <optional>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"

namespace tallymill {
namespace {

/// Bytes of a value in a chunk; a text has none of its own.
std::size_t width_of(const Type& type) {
  if (type.is_decimal()) return type.precision > 18 ? 16 : 8;
  switch (type.kind) {
    case TypeKind::text:
    case TypeKind::enumeration:
      return 0;
    case TypeKind::date:
      return sizeof(std::int32_t);
    case TypeKind::boolean:
      return sizeof(bool);
    default:
      return sizeof(std::int64_t);
  }
}

constexpr std::uint32_t kNoText = UINT32_MAX;  ///< where the length of a text stands: it is null

/// The rows of one chunk, column by column: a byte a row that is 1 for a null, then the values; of
/// texts for each row its length, then all of them.
class BlockWriter {
 public:
  BlockWriter(std::string& bytes, std::size_t rows) : bytes_(bytes), rows_(rows) {}

  void put_texts(const ColumnView& column) {
    std::size_t size = 0;
    char* lengths = room(rows_ * sizeof(std::uint32_t));
    for (std::size_t row = 0; row < rows_; ++row) {
      std::uint32_t length = kNoText;
      if (!column.is_null(row)) {
        length = column.as<StringRef>()[row].length;
        size += length;
      }
      std::memcpy(lengths, &length, sizeof length);
      lengths += sizeof length;
    }
    char* texts = room(size);
    for (std::size_t row = 0; row < rows_; ++row) {
      if (column.is_null(row)) continue;
      const std::string_view text = column.as<StringRef>()[row].view();
      texts = std::copy(text.begin(), text.end(), texts);
    }
  }

  void put_values(const ColumnView& column, std::size_t width) {
    char* nulls = room(rows_ * (1 + width));
    for (std::size_t row = 0; row < rows_; ++row) nulls[row] = column.is_null(row) ? '\1' : '\0';
    std::memcpy(nulls + rows_, column.as<char>(), rows_ * width);
  }

 private:
  char* room(std::size_t size) {
    bytes_.resize(bytes_.size() + size);
    return bytes_.data() + bytes_.size() - size;
  }

  std::string& bytes_;
  std::size_t rows_;
};

/// Reads them back; steps over a column where nobody asks for it.
class BlockReader {
 public:
  BlockReader(const std::string& bytes, std::size_t rows) : at_(bytes.data()), rows_(rows) {}

  void take_texts(ColumnWriter* to) {
    const char* text = at_ + rows_ * sizeof(std::uint32_t);
    for (std::size_t row = 0; row < rows_; ++row) {
      std::uint32_t length = 0;
      std::memcpy(&length, at_ + row * sizeof length, sizeof length);
      if (length == kNoText) {
        if (to != nullptr) to->set_null(row);
        continue;
      }
      if (to != nullptr) to->set_text(row, {text, length});
      text += length;
    }
    at_ = text;
  }

  void take_values(std::size_t width, ColumnWriter* to) {
    if (to != nullptr) {
      std::memcpy(to->as<char>(), at_ + rows_, rows_ * width);
      for (std::size_t row = 0; row < rows_; ++row)
        if (at_[row] != '\0') to->set_null(row);
    }
    at_ += rows_ * (1 + width);
  }

 private:
  const char* at_;
  std::size_t rows_;
};

}  // namespace

/// The rows, in blocks of those that were taken of one chunk.
class RowSieve::Taken final : public KeptRows, public std::enable_shared_from_this<Taken> {
 public:
  Taken(const std::vector<Column>& columns, std::int64_t memory, std::filesystem::path file,
        int threads)
      : memory_(memory), file_(std::move(file)), threads_(static_cast<std::size_t>(threads)) {
    for (const Column& column : columns) widths_.push_back(width_of(column.type));
  }

  void take(std::span<const ColumnView> columns, std::size_t rows) {
    std::string bytes;
    BlockWriter writer(bytes, rows);
    for (std::size_t i = 0; i < widths_.size(); ++i) {
      if (widths_[i] == 0)
        writer.put_texts(columns[i]);
      else
        writer.put_values(columns[i], widths_[i]);
    }
    keep(std::move(bytes), rows);
  }
  void let_pass(std::size_t rows) { passed_ += static_cast<std::int64_t>(rows); }

  std::int64_t seen() const { return passed_ + taken_; }

  std::unique_ptr<Scan> open_scan(std::vector<std::size_t> columns) override;
  std::int64_t rows() const override { return taken_; }
  std::size_t max_threads() const override { return std::min(threads_, blocks_.size()); }

 private:
  class Reading;

  struct Block {
    std::size_t rows = 0;
    std::int64_t first = 0;  ///< place of its first row
    std::string bytes;       ///< or, if `size` is not 0, where in the file they are
    std::int64_t offset = 0;
    std::size_t size = 0;
  };

  void keep(std::string bytes, std::size_t rows) {
    const auto size = static_cast<std::int64_t>(bytes.capacity());
    const std::lock_guard lock(mutex_);
    Block block{.rows = rows, .first = taken_, .bytes = {}};
    taken_ += static_cast<std::int64_t>(rows);
    if (in_memory_ + size <= memory_) {
      in_memory_ += size;
      block.bytes = std::move(bytes);
    } else {
      if (!fd_.is_open()) fd_ = open_for_appending(file_);
      write_all(fd_, bytes, file_);
      block.offset = in_file_;
      block.size = bytes.size();
      in_file_ += static_cast<std::int64_t>(bytes.size());
    }
    blocks_.push_back(std::move(block));
  }

  std::string read_block(const Block& block) const {
    std::string bytes(block.size, '\0');
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t count = ::pread(reader_.get(), bytes.data() + done, bytes.size() - done,
                                    block.offset + static_cast<std::int64_t>(done));
      if (count <= 0)
        throw Error(ErrorClass::transient, "cannot read back rows from " + file_.string());
      done += static_cast<std::size_t>(count);
    }
    return bytes;
  }

  std::vector<std::size_t> widths_;
  const std::int64_t memory_;
  const std::filesystem::path file_;
  const std::size_t threads_;
  std::atomic<std::int64_t> passed_ = 0;
  std::mutex mutex_;  ///< of what follows, while rows are taken
  std::vector<Block> blocks_;
  std::int64_t taken_ = 0;
  std::int64_t in_memory_ = 0;
  std::int64_t in_file_ = 0;
  UniqueFd fd_;
  UniqueFd reader_;
};

class RowSieve::Taken::Reading final : public KeptRows::Scan {
 public:
  /// Keeps the rows alive.
  Reading(std::shared_ptr<const Taken> taken, const std::vector<std::size_t>& columns)
      : taken_(std::move(taken)), writers_(taken_->widths_.size() + 1) {
    for (std::size_t i = 0; i < columns.size(); ++i) writers_[columns[i]] = i;
  }

  std::size_t fill(std::span<ColumnWriter> columns, std::size_t) override {
    const std::size_t next = next_++;
    if (next >= taken_->blocks_.size()) return 0;
    const Block& block = taken_->blocks_[next];
    const std::string read = block.size == 0 ? std::string() : taken_->read_block(block);
    BlockReader reader(block.size == 0 ? block.bytes : read, block.rows);
    const auto writer = [&](std::size_t column) {
      return writers_[column] ? &columns[*writers_[column]] : nullptr;
    };
    const std::vector<std::size_t>& widths = taken_->widths_;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (widths[i] == 0)
        reader.take_texts(writer(i));
      else
        reader.take_values(widths[i], writer(i));
    }
    if (ColumnWriter* places = writer(widths.size()))
      for (std::size_t row = 0; row < block.rows; ++row)
        places->as<std::int64_t>()[row] = block.first + static_cast<std::int64_t>(row);
    return block.rows;
  }

 private:
  std::shared_ptr<const Taken> taken_;
  std::vector<std::optional<std::size_t>> writers_;  ///< of fill(), by column
  std::atomic<std::size_t> next_ = 0;
};

std::unique_ptr<KeptRows::Scan> RowSieve::Taken::open_scan(std::vector<std::size_t> columns) {
  if (in_file_ > 0 && !reader_.is_open()) reader_ = open_for_reading(file_);
  return std::make_unique<Reading>(shared_from_this(), columns);
}

RowSieve::RowSieve(Engine& engine, std::string name, std::vector<Column> columns,
                   std::int64_t memory, const std::filesystem::path& folder)
    : name_(std::move(name)),
      function_("tm_sieve_" + std::to_string(engine.next_name())),
      columns_(std::move(columns)),
      taken_(
          std::make_shared<Taken>(columns_, memory, folder / (name_ + ".rows"), engine.threads())) {
  std::vector<Type> parameters;
  std::vector<Column> stored;
  std::vector<std::string> shown;
  // Columns are numbered: a name of theirs may differ from another one by case only.
  for (const Column& column : columns_) {
    parameters.push_back(column.type);
    stored.push_back({.name = "c" + std::to_string(stored.size()), .type = column.type});
    shown.push_back(stored.back().name + " AS " + column.name);
  }
  stored.push_back({.name = "place", .type = Type::integer()});
  shown.push_back("place AS " + std::string(kPlace));
  const std::vector<Column> says_whether{{.name = "passes", .type = Type::boolean()}};
  engine.add_function({.name = function_,
                       .parameters = std::move(parameters),
                       .result = says_whether,
                       .is_volatile = true,
                       .evaluate = [taken = taken_](std::span<const ColumnView> values,
                                                    std::size_t rows, ColumnWriter& passes) {
                         taken->take(values, rows);
                         std::fill_n(passes.as<bool>(), rows, false);
                       }});
  engine.add_function({.name = function_ + "_passed",
                       .parameters = {Type::boolean()},
                       .result = says_whether,
                       .is_volatile = true,
                       .evaluate = [taken = taken_](std::span<const ColumnView>, std::size_t rows,
                                                    ColumnWriter& passes) {
                         taken->let_pass(rows);
                         std::fill_n(passes.as<bool>(), rows, true);
                       }});
  engine.add_kept_rows(function_ + "_rows", std::move(stored), taken_);
  engine.execute("CREATE TEMP VIEW " + name_ + " AS SELECT " + join(shown, ", ") + " FROM " +
                 function_ + "_rows()");
}

std::string RowSieve::passing(const std::string& source, const std::string& is_taken) const {
  std::vector<std::string> names;
  for (const Column& column : columns_) names.push_back(column.name);
  // Only rows that are taken get to the function. The limit is one that no condition gets past:
  // DuckDB would ask a later one first, and the rows it refuses would never be seen here.
  return "FROM (SELECT *, CASE WHEN " + is_taken + " THEN " + function_ + "(" + join(names, ", ") +
         ") ELSE " + function_ + "_passed(true) END AS tm_passes " + source +
         ") WHERE tm_passes LIMIT " + std::to_string(std::numeric_limits<std::int64_t>::max());
}

std::int64_t RowSieve::seen() const { return taken_->seen(); }

}  // namespace tallymill
