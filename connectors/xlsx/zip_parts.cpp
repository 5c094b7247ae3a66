#include "connectors/xlsx/zip_parts.h"

#include <minizip/unzip.h>

#include <array>
#include <utility>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"

namespace tallymill::xlsx {
namespace {

namespace fs = std::filesystem;

constexpr int kIgnoreCase = 2;  ///< names of parts are equal whatever their case
constexpr unsigned kEncrypted = 1;

/// What a file that is no ZIP file seems to be, and what to do about it.
std::string advice(std::string_view start) {
  if (start.starts_with("\xD0\xCF\x11\xE0"))
    return "is an old .xls workbook, or one with a password; save it as .xlsx without a password";
  if (start.starts_with("PK"))
    return "ends early or is damaged; fetch it again, or open it in a spreadsheet and save it";
  if (start.empty()) return "is empty";
  return "is no .xlsx workbook; save it as .xlsx, or read it as what it is";
}

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw Error(ErrorClass::data, name + " " + what);
}

}  // namespace

struct ZipParts::Archive {
  unzFile file = nullptr;
  ~Archive() {
    if (file != nullptr) unzClose(file);
  }
};

class ZipParts::PartStream final : public ByteStream {
 public:
  PartStream(ZipParts& parts, std::string part, std::int64_t zipped_bytes)
      : parts_(parts), part_(std::move(part)), zipped_bytes_(zipped_bytes) {}
  ~PartStream() override {
    if (!is_at_end_) unzCloseCurrentFile(parts_.archive_->file);
  }

  std::size_t read(char* to, std::size_t capacity) override {
    if (is_at_end_) return 0;
    const int size = unzReadCurrentFile(parts_.archive_->file, to, static_cast<unsigned>(capacity));
    if (size < 0) fail(parts_.name_, "is damaged in its part " + part_ + "; fetch it again");
    if (size == 0) {
      is_at_end_ = true;
      if (unzCloseCurrentFile(parts_.archive_->file) != UNZ_OK)
        fail(parts_.name_, "is damaged in its part " + part_ +
                               ", which is not what its checksum says; fetch it again");
      return 0;
    }
    unzipped_bytes_ += size;
    parts_.unzipped_bytes_ += size;
    require_limits();
    return static_cast<std::size_t>(size);
  }

 private:
  void require_limits() const {
    if (parts_.unzipped_bytes_ > parts_.limits_.unzipped_bytes)
      fail(parts_.name_, "unpacks to more than " + group_digits(parts_.limits_.unzipped_bytes) +
                             " bytes in its part " + part_ + "; split it into smaller workbooks");
    if (unzipped_bytes_ > Limits::kRatioFreeBytes &&
        unzipped_bytes_ / parts_.limits_.ratio > zipped_bytes_)
      fail(parts_.name_, "unpacks to more than " + group_digits(parts_.limits_.ratio) +
                             " times its size in its part " + part_ +
                             ", as no honest workbook does; open it in a spreadsheet and save it");
  }

  ZipParts& parts_;
  std::string part_;
  std::int64_t zipped_bytes_;
  std::int64_t unzipped_bytes_ = 0;
  bool is_at_end_ = false;
};

ZipParts::ZipParts(const fs::path& file, std::string name, const Limits& limits)
    : name_(std::move(name)), limits_(limits), archive_(std::make_unique<Archive>()) {
  std::error_code ignored;
  if (fs::exists(file, ignored) && !fs::is_regular_file(file, ignored))
    fail(name_, "is no file; name the .xlsx file itself");
  std::array<char, 4> start{};
  const std::size_t size = read_some(open_for_reading(file), start, file);
  archive_->file = unzOpen64(file.c_str());
  if (archive_->file == nullptr) fail(name_, advice({start.data(), size}));
}

ZipParts::~ZipParts() = default;

std::unique_ptr<ByteStream> ZipParts::open(const std::string& name) {
  if (unzLocateFile(archive_->file, name.c_str(), kIgnoreCase) != UNZ_OK) return nullptr;
  unz_file_info64 info{};
  if (unzGetCurrentFileInfo64(archive_->file, &info, nullptr, 0, nullptr, 0, nullptr, 0) != UNZ_OK)
    fail(name_, "is damaged in its list of parts; fetch it again");
  if ((info.flag & kEncrypted) != 0) fail(name_, "has a password; save it without one");
  if (unzOpenCurrentFile(archive_->file) != UNZ_OK)
    fail(name_, "is damaged in its part " + name + "; fetch it again");
  return std::make_unique<PartStream>(*this, name, static_cast<std::int64_t>(info.compressed_size));
}

}  // namespace tallymill::xlsx
