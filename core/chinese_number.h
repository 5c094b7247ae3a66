#pragma once

#include <string>
#include <string_view>

#include "core/money.h"

namespace tallymill {

/// The digit a Chinese numeral stands for, everyday and financial forms of both scripts (一 壹 两
/// 〇 零 ...); -1 if it is none.
int chinese_digit(char32_t code);
/// True if `utf8` has a numeral from one to ten, everyday or financial.
bool has_chinese_numeral(std::string_view utf8);

/// Reads Chinese numerals into a plain decimal text ("123.05"), which a strict parser takes on:
/// numbers with units (一百二十三, 壹亿贰仟万, 十五), digits one by one (二〇二四), a point
/// (三点一四), a percentage (百分之三点五), amounts (人民币壹佰贰拾叁元零伍分, 伍角整), each also
/// negative (负).
///
/// What may be read in two ways is `ambiguous`: 一百五 is 105 to one reader, 150 to another.
Parsed<std::string> plain_chinese_number(std::string_view utf8);

}  // namespace tallymill
