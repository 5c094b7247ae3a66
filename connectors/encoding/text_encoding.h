#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tallymill {

/// Encodings a file may have. GBK and GB2312 are subsets of GB18030; a UTF-8 BOM is no encoding of
/// its own, it is skipped.
enum class TextEncoding { utf8, gb18030 };
std::string_view to_string(TextEncoding encoding);  ///< "utf-8", "gb18030"
/// "utf-8", "gb18030", "gbk"; empty for `auto` and anything else.
std::optional<TextEncoding> text_encoding_from(std::string_view word);

inline constexpr std::string_view kUtf8Bom = "\xEF\xBB\xBF";

/// What the first bytes of a file that should hold text look like instead ("a ZIP archive or an
/// XLSX workbook"); empty if nothing speaks against text. A NUL byte does.
std::string looks_like_instead_of_text(std::string_view first_bytes);

/// The encoding of a sample that starts at a character and may end within one. ASCII alone is
/// UTF-8. UTF-8 with a few broken bytes stays UTF-8, so that these become rejects: real GB18030
/// text is full of sequences UTF-8 does not have. What is neither (Latin-1, say) is UTF-8 full of
/// rejects.
TextEncoding detect_encoding(std::string_view sample);

/// True if `sample` holds several characters beyond ASCII and all of it is UTF-8, which text in
/// another encoding hardly ever is.
bool is_surely_utf8(std::string_view sample);

/// The share of bytes of `sample` (0..1) that belong to no character of `encoding`.
double invalid_ratio(std::string_view sample, TextEncoding encoding);

}  // namespace tallymill
