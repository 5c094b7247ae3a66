#include "connectors/xlsx/shared_strings.h"

#include "connectors/xlsx/excel_text.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill::xlsx {

std::string_view SharedStrings::at(std::size_t number) const {
  const std::size_t begin = number == 0 ? 0 : ends_[number - 1];
  return std::string_view(bytes_).substr(begin, ends_[number] - begin);
}

// sst / si / t, or sst / si / r / t
void SharedStrings::start(int depth, std::string_view name, const XmlAttributes&) {
  if (depth == 2) is_item_ = name == "si";
  if (depth == 3) is_run_ = is_item_ && name == "r";
  is_text_ = name == "t" && ((depth == 3 && is_item_) || (depth == 4 && is_run_));
}

void SharedStrings::end(int depth, std::string_view) {
  is_text_ = false;
  if (depth == 3) is_run_ = false;
  if (depth != 2 || !is_item_) return;
  is_item_ = false;
  bytes_ += unescaped(std::move(current_));
  current_.clear();
  ends_.push_back(bytes_.size());
}

void SharedStrings::text(std::string_view text) {
  if (!is_text_) return;
  current_ += text;
  const std::size_t size = bytes_.size() + current_.size() + ends_.size() * sizeof(std::size_t);
  if (static_cast<std::int64_t>(size) > most_bytes_)
    throw Error(ErrorClass::data, name_ + " has more than " + group_digits(most_bytes_) +
                                      " bytes of texts in its part of shared strings; split it "
                                      "into smaller workbooks");
}

}  // namespace tallymill::xlsx
