#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "connectors/xlsx/parts.h"
#include "connectors/xlsx/sheet.h"

namespace tallymill::xlsx {

/// The parts of a workbook as it lies on disk: a ZIP file. Not thread-safe.
class ZipParts final : public Parts {
 public:
  /// `name` is the file's, for messages. Throws Error(data) if it is no ZIP file, saying what it
  /// looks like.
  ZipParts(const std::filesystem::path& file, std::string name, const Limits& limits);
  ~ZipParts() override;
  ZipParts(const ZipParts&) = delete;
  ZipParts& operator=(const ZipParts&) = delete;

  /// Reading the stream throws Error(data) if the part is damaged, or unpacks to more than the
  /// limits allow.
  std::unique_ptr<ByteStream> open(const std::string& name) override;

 private:
  class PartStream;
  struct Archive;
  std::string name_;
  Limits limits_;
  std::int64_t unzipped_bytes_ = 0;
  std::unique_ptr<Archive> archive_;
};

}  // namespace tallymill::xlsx
