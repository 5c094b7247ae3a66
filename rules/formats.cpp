#include "rules/formats.h"

#include <algorithm>

#include "core/json.h"
#include "core/time/date.h"
#include "core/time/period.h"
#include "rules/format_checksums.h"
#include "rules/format_codes.h"

namespace tallymill {
namespace {

/// 0 to 255 without leading zeros.
#define TM_OCTET "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
#define TM_IPV4 "(" TM_OCTET "[.]){3}" TM_OCTET
#define TM_H16 "[0-9A-Fa-f]{1,4}"
#define TM_LABEL "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
#define TM_HOST "(" TM_LABEL "[.])+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])"

/// RFC 4291: eight groups, "::" once for at least one group of zeros, IPv4 in the last two.
constexpr const char* kIpv6 =
    "(" TM_H16 ":){7}" TM_H16 "|(" TM_H16 ":){1,7}:|(" TM_H16 ":){1,6}:" TM_H16 "|(" TM_H16
    ":){1,5}(:" TM_H16 "){1,2}|(" TM_H16 ":){1,4}(:" TM_H16 "){1,3}|(" TM_H16 ":){1,3}(:" TM_H16
    "){1,4}|(" TM_H16 ":){1,2}(:" TM_H16 "){1,5}|" TM_H16 ":(:" TM_H16 "){1,6}|:((:" TM_H16
    "){1,7}|:)|(" TM_H16 ":){6}" TM_IPV4 "|::(" TM_H16 ":){0,5}" TM_IPV4 "|(" TM_H16
    ":){1,5}:(" TM_H16 ":){0,4}" TM_IPV4;

/// Segments that the ministry has given to mobile carriers.
constexpr const char* kCnMobile =
    "([+]?86[ -]?)?1(3[0-9]|4[5-9]|5[0-35-9]|6[25-7]|7[0-8]|8[0-9]|9[0-35-9])[0-9]{8}";

constexpr const char* kCnPlate =
    "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-Z]"
    "([A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳]|[A-HJ-NP-Z0-9]{6})";

/// `text` with the fields of `order`, positions of year, month and day, put as YYYY-MM-DD.
struct DateShape {
  std::size_t year;
  std::size_t month;
  std::size_t day;
};

bool is_day(std::string_view text, const DateShape& at) {
  if (text.size() < 8) return false;
  const std::string day = std::string(text.substr(at.year, 4)) + "-" +
                          std::string(text.substr(at.month, 2)) + "-" +
                          std::string(text.substr(at.day, 2));
  return static_cast<bool>(parse_date(day));
}

std::function<bool(std::string_view)> day_at(DateShape at) {
  return [at](std::string_view text) { return is_day(text, at); };
}

bool is_cn_date(std::string_view text) {
  static const TimestampPattern pattern("%Y年%m月%d日");
  return static_cast<bool>(pattern.date_of(text));
}

bool is_json(std::string_view text) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 1'000;
  json::parse(text, error, {}, options);
  return !error;
}

bool is_iso_week(std::string_view text) { return Period::parse(text).has_value(); }

std::vector<NamedFormat> formats_of_people() {
  return {
      {"cn_id_card",
       "Chinese resident ID number, 18 characters: province, birth date, check digit "
       "(GB 11643).",
       "[0-9]{17}[0-9X]", is_cn_id_card, "11010519491231002X"},
      {"cn_landline",
       "Chinese fixed-line number with area code.",
       "0(10|2[0-57-9]|[3-9][0-9]{2})-?[1-9][0-9]{6,7}(-[0-9]{1,6})?",
       {},
       "0571-87654321"},
      {"cn_mobile",
       "Chinese mobile number of a segment in use, with or without +86.",
       kCnMobile,
       {},
       "13800138000"},
      {"cn_name",
       "A person's name in Chinese characters, 2 to 25, with a middle dot where there "
       "is one.",
       "\\p{Han}[\\p{Han}·]{0,23}\\p{Han}",
       {},
       "王小明"},
      {"cn_passport",
       "Chinese passport: a letter E, G, D, S, P or H, perhaps a second one, digits.",
       "(E[A-HJ-NP-Z0-9]|[DEGHPS][0-9])[0-9]{7}",
       {},
       "E12345678"},
      {"cn_plate", "Chinese licence plate, also of new energy vehicles.", kCnPlate, {}, "浙A12345"},
      {"cn_postal_code", "Chinese postal code, 6 digits.", "[0-8][0-9]{5}", {}, "310000"},
      {"email", "E-mail address: local part, host name with a domain.",
       "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+([.][A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@" TM_HOST,
       [](std::string_view text) { return text.find('@') <= 64 && text.size() <= 254; },
       "li.na@example.com"},
      {"orcid", "ORCID iD with hyphens and check digit.", "([0-9]{4}-){3}[0-9]{3}[0-9X]",
       [](std::string_view text) {
         std::string digits(text);
         std::erase(digits, '-');
         return has_mod_11_2(digits);
       },
       "0000-0002-1825-0097"},
      {"phone_e164",
       "International phone number: plus sign, 7 to 15 digits (E.164).",
       "[+][1-9][0-9]{6,14}",
       {},
       "+8613800138000"},
  };
}

std::vector<NamedFormat> formats_of_business() {
  return {
      {"bank_card", "Bank card number, 12 to 19 digits with Luhn digit (ISO/IEC 7812).",
       "[1-9][0-9]{11,18}", has_luhn_digit, "6222026006956142"},
      {"bic", "Business identifier code, 8 or 11 characters (ISO 9362) with a country that exists.",
       "[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?",
       [](std::string_view text) {
         const std::string_view country = text.substr(4, 2);
         return country == "XK" || is_country_code(country);  // Kosovo, by agreement
       },
       "DEUTDEFF500"},
      {"cn_org_code", "Chinese organisation code, 9 characters (GB 11714).", "[0-9A-Z]{8}-?[0-9X]",
       is_cn_org_code, "D2143569-X"},
      {"cn_uscc", "Unified social credit code, 18 characters (GB 32100).",
       "[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}", is_cn_uscc, "91350100M000100Y43"},
      {"country_code", "Country, two letters (ISO 3166-1).", "[A-Z]{2}", is_country_code, "CN"},
      {"currency_code", "Currency, three letters (ISO 4217).", "[A-Z]{3}", is_currency_code, "CNY"},
      {"ean13", "Article number, 13 digits (GS1).", "[0-9]{13}", has_gs1_digit, "6901234567892"},
      {"ean8", "Article number, 8 digits (GS1).", "[0-9]{8}", has_gs1_digit, "96385074"},
      {"iban",
       "International bank account number: length by country, mod 97 (ISO 13616); single "
       "blanks between groups of four are allowed.",
       "[A-Z]{2}[0-9]{2}( ?[A-Z0-9]{1,4})+",
       [](std::string_view text) {
         for (std::size_t i = 0; i < text.size(); ++i)
           if (text[i] == ' ' && i % 5 != 4) return false;
         std::string plain(text);
         std::erase(plain, ' ');
         return is_iban(plain);
       },
       "DE89370400440532013000"},
      {"isbn", "Book number of 10 or 13 digits with check digit, hyphens or blanks between.",
       "[0-9][0-9 -]{8,15}[0-9X]",
       [](std::string_view text) {
         std::string plain(text);
         std::erase_if(plain, [](char c) { return c == '-' || c == ' '; });
         if (plain.size() == 10) return is_isbn10(plain);
         const bool is_book = plain.starts_with("978") || plain.starts_with("979");
         return plain.size() == 13 && is_book && has_gs1_digit(plain);
       },
       "978-3-16-148410-0"},
      {"isin", "Security, 12 characters (ISO 6166).", "[A-Z]{2}[A-Z0-9]{9}[0-9]", is_isin,
       "US0378331005"},
      {"issn", "Serial, 8 characters (ISO 3297).", "[0-9]{4}-[0-9]{3}[0-9X]", is_issn, "0317-8471"},
      {"lei", "Legal entity, 20 characters (ISO 17442).", "[A-Z0-9]{18}[0-9]{2}", is_lei,
       "5493001KJTIIGC8Y1R12"},
  };
}

std::vector<NamedFormat> formats_of_networks() {
  return {
      {"hostname", "Host name with a domain.", TM_HOST,
       [](std::string_view text) { return text.size() <= 253; }, "www.example.com"},
      {"iccid", "SIM card, 19 or 20 digits from 89 with Luhn digit (ITU-T E.118).",
       "89[0-9]{17,18}", has_luhn_digit, "89860012345678901238"},
      {"imei", "Mobile equipment, 15 digits with Luhn digit.", "[0-9]{15}", has_luhn_digit,
       "490154203237518"},
      {"imsi",
       "Mobile subscriber, 14 or 15 digits from a country code 2 to 7.",
       "[2-79][0-9]{13,14}",
       {},
       "460001234567890"},
      {"ip", "IPv4 or IPv6 address.", std::string(TM_IPV4 "|").append(kIpv6), {}, "192.0.2.1"},
      {"ipv4",
       "IPv4 address: four numbers to 255 without leading zeros.",
       TM_IPV4,
       {},
       "192.0.2.1"},
      {"ipv4_cidr",
       "IPv4 network: address / 0 to 32.",
       TM_IPV4 "/(3[0-2]|[12]?[0-9])",
       {},
       "10.0.0.0/8"},
      {"ipv6", "IPv6 address (RFC 4291).", kIpv6, {}, "2001:db8::1"},
      {"mac",
       "MAC address, 6 octets with ':' or '-' between.",
       "([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}|([0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}",
       {},
       "00:1A:2b:3c:4D:5e"},
      {"url",
       "Address of a page or file: http, https or ftp, host, path.",
       "(https?|ftp)://(" TM_HOST "|localhost|" TM_IPV4 ")(:[0-9]{1,5})?([/?#][^\\s]*)?",
       {},
       "https://example.com/a?b=1"},
  };
}

std::vector<NamedFormat> formats_of_time() {
  return {
      {"cn_date", "Day as 2026年1月31日.", "[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日", is_cn_date,
       "2026年1月31日"},
      {"date_compact", "Day as YYYYMMDD.", "[0-9]{8}", day_at({0, 4, 6}), "20260131"},
      {"date_eu", "Day as DD/MM/YYYY; '.' or '-' may stand for '/'.",
       "[0-9]{2}(/[0-9]{2}/|[.][0-9]{2}[.]|-[0-9]{2}-)[0-9]{4}", day_at({6, 3, 0}), "31/01/2026"},
      {"date_inverse", "Day as YYYY/MM/DD; '.' or '-' may stand for '/'.",
       "[0-9]{4}(/[0-9]{2}/|[.][0-9]{2}[.]|-[0-9]{2}-)[0-9]{2}", day_at({0, 5, 8}), "2026/01/31"},
      {"date_iso", "Day as YYYY-MM-DD (ISO 8601).", "[0-9]{4}-[0-9]{2}-[0-9]{2}", day_at({0, 5, 8}),
       "2026-01-31"},
      {"date_us", "Day as MM/DD/YYYY; '.' or '-' may stand for '/'.",
       "[0-9]{2}(/[0-9]{2}/|[.][0-9]{2}[.]|-[0-9]{2}-)[0-9]{4}", day_at({6, 0, 3}), "01/31/2026"},
      {"month_iso", "Month as YYYY-MM.", "[0-9]{4}-(0[1-9]|1[0-2])", {}, "2026-01"},
      {"time_12h",
       "Time of day as 1:05 PM, seconds allowed.",
       "(0?[1-9]|1[0-2]):[0-5][0-9](:[0-5][0-9])? ?([AaPp][Mm])",
       {},
       "1:05 PM"},
      {"time_24h",
       "Time of day as 13:05, seconds and their fraction allowed.",
       "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?",
       {},
       "13:05:09"},
      {"timestamp_iso",
       "Day and time as 2026-01-31T13:05:09, zone and fraction allowed (ISO 8601).",
       "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[+-][0-9]{2}:?[0-9]{2})?",
       [](std::string_view text) { return static_cast<bool>(parse_timestamp(text)); },
       "2026-01-31T13:05:09+08:00"},
      {"week_iso", "Week as 2026-W05; weeks that exist.", "[0-9]{4}-W[0-9]{2}", is_iso_week,
       "2026-W05"},
      {"year", "Year, four digits.", "[0-9]{4}", {}, "2026"},
  };
}

std::vector<NamedFormat> formats_of_numbers() {
  return {
      {"decimal",
       "Number with '.' before fraction digits.",
       "[+-]?[0-9]+([.][0-9]+)?",
       {},
       "-12.50"},
      {"decimal_comma",
       "Number with ',' before fraction digits.",
       "[+-]?[0-9]+(,[0-9]+)?",
       {},
       "-12,50"},
      {"integer", "Whole number.", "[+-]?[0-9]+", {}, "-12"},
      {"money",
       "Amount with two fraction digits, perhaps ',' between thousands and a currency sign.",
       "[-+]?[¥￥$€£]? ?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)[.][0-9]{2}",
       {},
       "1,234.50"},
      {"money_comma",
       "Amount with two fraction digits behind ',', perhaps '.' between thousands.",
       "[-+]?[¥￥$€£]? ?([0-9]{1,3}([.][0-9]{3})+|[0-9]+),[0-9]{2}",
       {},
       "1.234,50"},
      {"negative_decimal",
       "Number not greater than 0.",
       "-[0-9]+([.][0-9]+)?|0+([.]0+)?",
       {},
       "-12.50"},
      {"negative_integer", "Whole number not greater than 0.", "-[0-9]+|0+", {}, "-12"},
      {"percentage",
       "Number with a percent sign, a blank before it allowed.",
       "[+-]?([0-9]+([.,][0-9]+)?|[.,][0-9]+) ?%",
       {},
       "12.5%"},
      {"positive_decimal",
       "Number not less than 0.",
       "[+]?[0-9]+([.][0-9]+)?|-0+([.]0+)?",
       {},
       "12.50"},
      {"positive_integer", "Whole number not less than 0.", "[+]?[0-9]+|-0+", {}, "12"},
  };
}

std::vector<NamedFormat> formats_of_data() {
  return {
      {"base64",
       "Base64 with padding (RFC 4648).",
       "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)",
       {},
       "dGFsbHk="},
      {"hex", "Hexadecimal digits.", "[0-9A-Fa-f]+", {}, "00fF"},
      {"json", "A JSON text (RFC 8259).", {}, is_json, "{\"a\": [1, null]}"},
      {"md5",
       "MD5 digest, 32 hexadecimal digits.",
       "[0-9A-Fa-f]{32}",
       {},
       "d41d8cd98f00b204e9800998ecf8427e"},
      {"sha256",
       "SHA-256 digest, 64 hexadecimal digits.",
       "[0-9A-Fa-f]{64}",
       {},
       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"uuid",
       "UUID, 32 hexadecimal digits in 5 groups (RFC 9562).",
       "[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
       {},
       "123e4567-e89b-12d3-a456-426614174000"},
  };
}

}  // namespace

const std::vector<NamedFormat>& named_formats() {
  static const std::vector<NamedFormat> formats = [] {
    std::vector<NamedFormat> all;
    for (const auto& family : {formats_of_people(), formats_of_business(), formats_of_networks(),
                               formats_of_time(), formats_of_numbers(), formats_of_data()})
      all.insert(all.end(), family.begin(), family.end());
    std::sort(all.begin(), all.end(),
              [](const NamedFormat& a, const NamedFormat& b) { return a.name < b.name; });
    return all;
  }();
  return formats;
}

}  // namespace tallymill
