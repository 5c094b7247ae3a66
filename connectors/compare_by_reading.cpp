#include <algorithm>
#include <map>
#include <set>

#include "connectors/table_comparison.h"
#include "connectors/value_parser.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/time/date.h"

namespace tallymill {
namespace {

constexpr std::size_t kDigits = 32;

/// 12.30 is 12.3, 5.00 is 5.
std::string plain_number(const ValueParser& parser, const ParsedValue& value) {
  std::string text = format_decimal(exact_number(parser, value), parser.type().scale);
  if (parser.type().scale == 0) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

/// Always with six digits behind the second.
std::string plain_instant(std::int64_t micros) {
  constexpr std::int64_t kSecond = 1'000'000;
  const std::int64_t fraction = (micros % kSecond + kSecond) % kSecond;
  std::string text = format_timestamp(micros - fraction);
  text.back() = '.';  // for the Z
  const std::string digits = std::to_string(fraction);
  return text + std::string(6 - digits.size(), '0') + digits;
}

/// A value as it is hashed, without its letter; empty: it is none of the type.
std::optional<std::string> plain_value(const ValueParser& parser, const SourceField& field) {
  ParsedValue value;
  const bool is_number = field_letter(parser.type()) == 'n';
  if ((is_number && field.is_inexact) || parser.parse(field.text, value) != ParseProblem::none)
    return std::nullopt;
  switch (field_letter(parser.type())) {
    case 'n':
      return plain_number(parser, value);
    case 'd':
      return Date{static_cast<std::int32_t>(value.number)}.text();
    case 's':
      return plain_instant(value.number);
    case 'b':
      return value.number != 0 ? "true" : "false";
    default:
      return std::string(value.text);
  }
}

/// What a row is, once for each that is read.
struct HashedRow {
  std::string key;
  std::string row;
  std::vector<std::optional<std::string>> fields;
};

class ReadTable final : public ComparedTable {
 public:
  ReadTable(Connector& connector, CompareRequest request)
      : connector_(connector), request_(std::move(request)) {
    for (const auto* columns : {&request_.key, &request_.columns})
      for (const ComparedColumn& column : *columns) {
        wanted_.push_back({column.name, column.where});
        parsers_.emplace_back(column.type);
      }
  }

  std::vector<SegmentSum> segments(int bits) override {
    struct Sum {
      std::int64_t rows = 0;
      std::array<Int128, 4> parts{};
    };
    std::map<std::int64_t, Sum> sums;
    each_row([&](const HashedRow& row) {
      Sum& sum = sums[segment_of(row.key, bits)];
      ++sum.rows;
      for (std::size_t i = 0; i < sum.parts.size(); ++i)
        sum.parts[i] += std::stoll(row.row.substr(8 * i, 8), nullptr, 16);
    });
    std::vector<SegmentSum> found;
    for (const auto& [segment, sum] : sums) {
      SegmentSum& made = found.emplace_back();
      made.segment = segment;
      made.rows = sum.rows;
      for (std::size_t i = 0; i < sum.parts.size(); ++i)
        made.sums[i] = format_decimal(sum.parts[i], 0);
    }
    return found;
  }

  void hashes(int bits, std::span<const std::int64_t> segments, const TakeHashes& take) override {
    const std::set<std::int64_t> asked(segments.begin(), segments.end());
    each_row([&](const HashedRow& row) {
      if (asked.contains(segment_of(row.key, bits))) take(row.key, row.row);
    });
  }

  void rows(std::span<const std::string> keys, const TakeRow& take) override {
    const std::set<std::string_view> asked(keys.begin(), keys.end());
    each_row([&](const HashedRow& row) {
      if (asked.contains(row.key)) take(row.key, row.fields);
    });
  }

 private:
  class Sink final : public RecordSink {
   public:
    Sink(const ReadTable& table, const std::function<void(const HashedRow&)>& take)
        : table_(table), take_(take) {}
    void record(std::size_t, std::int64_t, std::span<const SourceField> fields,
                std::string_view) override {
      take_(table_.hashed(fields));
    }
    void malformed(std::size_t, std::int64_t line, std::string_view, std::string message,
                   std::string_view) override {
      throw Error(ErrorClass::data,
                  "row " + std::to_string(line) + " of the table cannot be compared: " + message);
    }
    bool is_full() const override { return false; }

   private:
    const ReadTable& table_;
    const std::function<void(const HashedRow&)>& take_;
  };

  static std::int64_t segment_of(const std::string& key, int bits) {
    return std::stoll(key.substr(0, 8), nullptr, 16) >> (32 - bits);
  }

  HashedRow hashed(std::span<const SourceField> fields) const {
    HashedRow row;
    std::string text = request_.salt;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i == request_.key.size()) {
        row.key = sha256_hex(text).substr(0, kDigits);
        text += '|';
      }
      if (fields[i].is_null) {
        row.fields.emplace_back();
        text += '-';
        continue;
      }
      const auto plain = plain_value(parsers_[i], fields[i]);
      row.fields.emplace_back(plain ? *plain : std::string(fields[i].text));
      text += (plain ? field_letter(parsers_[i].type()) : 'x') +
              std::to_string(row.fields.back()->size()) + ":" + *row.fields.back();
    }
    if (row.key.empty()) {
      row.key = sha256_hex(text).substr(0, kDigits);
      text += '|';
    }
    row.row = sha256_hex(text).substr(0, kDigits);
    return row;
  }

  void each_row(const std::function<void(const HashedRow&)>& take) {
    const auto reader =
        connector_.open_reader({request_.table, wanted_, request_.parameters, request_.expand});
    Sink sink(*this, take);
    const auto cursor = reader->open_cursor();
    while (cursor->read(sink)) {
    }
    reader->finish();
  }

  Connector& connector_;
  CompareRequest request_;
  std::vector<WantedColumn> wanted_;
  std::vector<ValueParser> parsers_;
};

}  // namespace

char field_letter(const Type& type) {
  switch (type.kind) {
    case TypeKind::date:
      return 'd';
    case TypeKind::timestamp:
      return 's';
    case TypeKind::boolean:
      return 'b';
    case TypeKind::text:
    case TypeKind::enumeration:
      return 't';
    default:
      return 'n';
  }
}

std::unique_ptr<ComparedTable> compare_by_reading(Connector& connector, CompareRequest request) {
  return std::make_unique<ReadTable>(connector, std::move(request));
}

}  // namespace tallymill
