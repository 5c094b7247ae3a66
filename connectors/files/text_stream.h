#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "connectors/encoding/gb18030.h"
#include "connectors/encoding/text_encoding.h"
#include "connectors/files/byte_stream.h"

namespace tallymill {

/// A text file as UTF-8, unpacked and decoded. Bytes of no character come through in a form that
/// is not UTF-8 (see Gb18030Decoder).
///
/// Without a declared encoding ASCII passes as it is, and the first other byte decides: what
/// follows it is looked at as UTF-8 and as GB18030. A UTF-8 byte order mark decides at once, also
/// over a declaration; it is passed on.
class TextStream final : public ByteStream {
 public:
  /// `name` is the file's, for messages. Throws Error(data) if its first block is not text (NUL
  /// bytes, or over 30 % of it in no character), saying what it looks like.
  TextStream(const std::filesystem::path& file, std::string name,
             std::optional<TextEncoding> declared);

  std::size_t read(char* to, std::size_t capacity) override;

  const FileBytes& file() const { return file_; }
  /// What is known so far: nothing while only ASCII was seen and nothing was declared.
  std::optional<TextEncoding> encoding() const { return encoding_; }
  /// True if everything read so far is known to be UTF-8, so that it need not be validated.
  bool is_valid_so_far() const {
    return is_ascii_so_far_ || (decoder_ && decoder_->is_valid_so_far());
  }

 private:
  std::size_t read_unpacked(char* to, std::size_t capacity);
  std::size_t read_ascii(char* to, std::size_t capacity);
  std::size_t read_decoded(char* to, std::size_t capacity);
  void look_ahead(std::size_t bytes);
  void require_text(std::string_view sample) const;

  std::string name_;
  FileBytes file_;
  std::unique_ptr<GunzipStream> gunzip_;
  std::optional<TextEncoding> encoding_;
  bool is_ascii_so_far_ = false;
  std::string ahead_;         ///< unpacked bytes that were looked at but not taken
  std::size_t ahead_at_ = 0;  ///< the first of them not yet taken
  std::unique_ptr<Gb18030Decoder> decoder_;
  std::string decoded_;
  std::size_t decoded_at_ = 0;
};

}  // namespace tallymill
