#include "core/digest.h"
#include "core/text.h"
#include "core/utf8.h"
#include "jobs/step.h"
#include "jobs/text_functions.h"

namespace tallymill {
namespace {

class Strip final : public Step {
 public:
  explicit Strip(const Options& options) : options_(options) {}

  void apply(CleanseFlow& flow) override {
    const std::string also = options_.text("also");
    std::u32string characters;
    for (std::size_t at = 0; at < also.size();) {
      const Utf8Character character = decode_utf8(also, at);
      characters += character.code;
      at += character.bytes;
    }
    for (const std::string& name : options_.columns("columns"))
      if (const auto column = flow.text_column(name, options_.position("columns")))
        flow.set(*column, text_function_sql(
                              flow.context().engine(), "tm_strip_" + xxh3_128(also).hex(),
                              [characters](std::string_view text) {
                                return strip_characters(text, characters);
                              },
                              quote_identifier(name)));
  }

 private:
  Options options_;
};

}  // namespace

void register_strip(Registry<StepType>& steps) {
  steps.add({
      .name = "strip",
      .summary = "Takes out characters nobody sees, and others that are named.",
      .options = {{.name = "columns",
                   .kind = OptionKind::columns,
                   .summary = "Text columns to strip.",
                   .required = true},
                  {.name = "also",
                   .kind = OptionKind::text,
                   .summary = "Characters to take out as well, one after the other."}},
      .main = "columns",
      .is_idempotent = true,
      .make = [](const Options& options) -> std::unique_ptr<Step> {
        return std::make_unique<Strip>(options);
      },
  });
}

}  // namespace tallymill
