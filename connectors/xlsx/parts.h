#pragma once

#include <memory>
#include <string>

#include "connectors/files/byte_stream.h"

namespace tallymill::xlsx {

/// The files a workbook is made of, by name ("xl/workbook.xml").
class Parts {
 public:
  virtual ~Parts() = default;
  /// Null if there is no such part. One stream is open at a time.
  virtual std::unique_ptr<ByteStream> open(const std::string& name) = 0;
};

}  // namespace tallymill::xlsx
