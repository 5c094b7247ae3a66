#pragma once

#include <string>
#include <string_view>

namespace tallymill {

/// UTF-8 as quoted-printable (RFC 2045): ASCII lines of at most 76 characters, ended by CR LF.
std::string quoted_printable(std::string_view text);
/// UTF-8 as the value of a header (RFC 2047): as it is where it is plain ASCII, else encoded words.
std::string header_text(std::string_view text);
/// Now, as mail writes it: "Thu, 26 Nov 2026 13:15:39 +0000".
std::string mail_date();

}  // namespace tallymill
