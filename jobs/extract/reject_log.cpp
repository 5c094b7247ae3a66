#include "jobs/extract/reject_log.h"

#include <cstring>

#include "core/error.h"

namespace tallymill {

namespace {

constexpr std::size_t kPendingBytes = 4 * 1024 * 1024;
constexpr std::size_t kOriginalBytes = 64 * 1024;

void put_number(std::string& to, std::uint64_t number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  to.append(bytes, sizeof number);
}

void put_text(std::string& to, std::string_view text) {
  put_number(to, text.size());
  to += text;
}

[[noreturn]] void fail(const std::filesystem::path& file) {
  throw Error(ErrorClass::transient,
              "cannot write rejects to " + file.string() + "; is the disk full?");
}

/// Reads the file, then what is in memory.
class RejectRows final : public TableSource {
 public:
  RejectRows(std::filesystem::path file, std::string pending, std::vector<std::string> sources)
      : file_(std::move(file)), pending_(std::move(pending)), sources_(std::move(sources)) {}

  std::size_t max_threads() const override { return 1; }
  std::unique_ptr<Cursor> open_cursor() override { return std::make_unique<Reader>(*this); }

 private:
  class Reader final : public Cursor {
   public:
    explicit Reader(RejectRows& rows) : rows_(rows) {
      if (!rows.file_.empty()) in_.open(rows.file_, std::ios::binary);
    }

    std::size_t fill(std::span<ColumnWriter> columns, std::size_t capacity) override {
      std::size_t row = 0;
      for (; row < capacity && has_more(); ++row) {
        columns[0].set_text(row, rows_.sources_.at(number()));
        columns[1].as<std::int64_t>()[row] = static_cast<std::int64_t>(number());
        for (std::size_t i = 2; i < columns.size(); ++i) {
          take(static_cast<std::size_t>(number()));
          if (i == 2 && text_.empty())
            columns[i].set_null(row);
          else
            columns[i].set_text(row, text_);
        }
      }
      return row;
    }

   private:
    bool has_more() {
      if (in_.is_open() && in_.peek() == std::ifstream::traits_type::eof()) in_.close();
      return in_.is_open() || at_ < rows_.pending_.size();
    }
    void take(std::size_t size) {
      text_.resize(size);
      if (in_.is_open()) {
        if (!in_.read(text_.data(), static_cast<std::streamsize>(size)))
          throw Error(ErrorClass::transient, "cannot read back " + rows_.file_.string());
      } else {
        text_ = rows_.pending_.substr(at_, size);
        at_ += size;
      }
    }
    std::uint64_t number() {
      std::uint64_t value = 0;
      take(sizeof value);
      std::memcpy(&value, text_.data(), sizeof value);
      return value;
    }

    RejectRows& rows_;
    std::ifstream in_;
    std::size_t at_ = 0;
    std::string text_;
  };

  std::filesystem::path file_;
  std::string pending_;
  std::vector<std::string> sources_;
};

}  // namespace

/// Not cut within a UTF-8 character.
std::string_view kept_original(std::string_view original) {
  if (original.size() <= kOriginalBytes) return original;
  std::size_t bytes = kOriginalBytes;
  while (bytes > 0 && (static_cast<unsigned char>(original[bytes]) & 0xC0) == 0x80) --bytes;
  return original.substr(0, bytes);
}

void RejectLog::add(const Reject& reject) {
  const std::lock_guard guard(mutex_);
  put_number(pending_, reject.source);
  put_number(pending_, static_cast<std::uint64_t>(reject.line));
  for (const std::string* text : {&reject.column, &reject.reason, &reject.reasons, &reject.message})
    put_text(pending_, *text);
  put_text(pending_, kept_original(reject.original));
  ++count_;
  ++by_reason_[reject.reason];
  if (pending_.size() >= kPendingBytes) spill();
}

void RejectLog::spill() {
  if (!out_.is_open()) {
    std::error_code ignored;
    std::filesystem::create_directories(file_.parent_path(), ignored);
    out_.open(file_, std::ios::binary | std::ios::trunc);
  }
  if (!out_.write(pending_.data(), static_cast<std::streamsize>(pending_.size()))) fail(file_);
  pending_.clear();
}

std::shared_ptr<TableSource> RejectLog::rows(const std::vector<std::string>& sources) {
  const bool has_file = out_.is_open();
  if (has_file) {
    out_.close();
    if (out_.fail()) fail(file_);
  }
  return std::make_shared<RejectRows>(has_file ? file_ : std::filesystem::path(),
                                      std::move(pending_), sources);
}

}  // namespace tallymill
