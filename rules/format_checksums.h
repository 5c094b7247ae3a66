#pragma once

#include <string_view>

namespace tallymill {

// Check digits. Each function takes a text of the length and characters that the format's pattern
// lets through, and is false for anything else.

/// Luhn (ISO/IEC 7812): bank cards, IMEI, ICCID. Digits only.
bool has_luhn_digit(std::string_view digits);
/// GS1 mod 10 (weights 3 and 1 from the right): EAN-8, EAN-13, ISBN-13, UPC-A.
bool has_gs1_digit(std::string_view digits);
/// ISBN-10 mod 11, X for 10.
bool is_isbn10(std::string_view text);
/// ISSN mod 11, X for 10; with or without hyphen.
bool is_issn(std::string_view text);
/// ISO/IEC 7064 MOD 11-2 (ORCID, ISNI): 15 digits and a digit or X.
bool has_mod_11_2(std::string_view text);
/// IBAN (ISO 13616): length by country, mod 97 = 1. Without blanks.
bool is_iban(std::string_view text);
/// ISIN (ISO 6166): letters as two digits, then Luhn.
bool is_isin(std::string_view text);
/// Legal entity identifier (ISO 17442): mod 97 = 1.
bool is_lei(std::string_view text);

/// Chinese resident identity card, 18 characters (GB 11643): a province that exists, a birth date
/// that exists, MOD 11-2.
bool is_cn_id_card(std::string_view text);
/// Unified social credit code, 18 characters (GB 32100): mod 31.
bool is_cn_uscc(std::string_view text);
/// Organisation code, 9 characters (GB 11714): mod 11; with or without hyphen.
bool is_cn_org_code(std::string_view text);

}  // namespace tallymill
