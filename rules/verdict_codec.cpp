#include "rules/verdict_codec.h"

#include <charconv>

#include "core/error.h"

namespace tallymill {
namespace {

constexpr std::string_view kLetters = "fwne";  // by Verdict::State

void append_number(std::size_t number, std::string& text) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  text.append(digits, end);
  text += ':';
}

/// Reads the parts of an encoded text from its front.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}
  bool at_end() const { return rest_.empty(); }

  std::size_t number() {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{}) refuse();
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    separator();
    return value;
  }

  Verdict::State state() {
    const std::size_t index = kLetters.find(text(1));
    if (index == std::string_view::npos) refuse();
    separator();
    return static_cast<Verdict::State>(index);
  }

  std::string text(std::size_t bytes) {
    if (rest_.size() < bytes) refuse();
    std::string result(rest_.substr(0, bytes));
    rest_.remove_prefix(bytes);
    return result;
  }

 private:
  void separator() {
    if (text(1) != ":") refuse();
  }
  [[noreturn]] static void refuse() {
    throw Error(ErrorClass::bug, "a column of verdicts holds a text that is none");
  }

  std::string_view rest_;
};

}  // namespace

void encode_verdicts(std::span<const Finding> findings, std::string& text) {
  text.clear();
  for (const Finding& finding : findings) {
    append_number(finding.rule, text);
    text += kLetters[static_cast<std::size_t>(finding.state)];
    text += ':';
    append_number(finding.code.size(), text);
    append_number(finding.message.size(), text);
    text += finding.code;
    text += finding.message;
  }
}

std::vector<Verdict> decode_verdicts(std::string_view encoded) {
  std::vector<Verdict> verdicts;
  for (Reader reader(encoded); !reader.at_end();) {
    Verdict verdict;
    verdict.rule = reader.number();
    verdict.state = reader.state();
    const std::size_t code = reader.number();
    const std::size_t message = reader.number();
    verdict.code = reader.text(code);
    verdict.message = reader.text(message);
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

std::string verdict_text(const Verdict& verdict) {
  switch (verdict.state) {
    case Verdict::State::fail:
      return "fail " + verdict.code;
    case Verdict::State::warn:
      return "warn " + verdict.code;
    case Verdict::State::not_applicable:
      return "not applicable";
    case Verdict::State::error:
      return "error";
  }
  return "error";
}

}  // namespace tallymill
