#include "core/correction.h"

#include <algorithm>

#include "core/error.h"
#include "core/json.h"

namespace tallymill {
namespace {

constexpr int kFormat = 1;

bool stands_before(const Correction& a, const Correction& b) { return a.place < b.place; }

Correction correction_of(const json::object& object) {
  Correction correction;
  for (const auto& [column, value] : json_at(object, "at").as_object())
    correction.place.emplace(column, value.as_string());
  correction.original = json_text(object, "original");
  for (const auto& [column, value] : json_at(object, "cells").as_object())
    correction.cells.emplace(
        column, value.is_null() ? std::optional<std::string>() : std::string(value.as_string()));
  return correction;
}

}  // namespace

std::string rejects_dataset(const std::string& job) { return job + ".rejects"; }

std::string corrections_dataset(const std::string& job) { return job + ".corrections"; }

std::string corrections_text(std::vector<Correction> corrections) {
  std::sort(corrections.begin(), corrections.end(), stands_before);
  json::array list;
  for (const Correction& correction : corrections) {
    json::object place;
    for (const auto& [column, value] : correction.place) place[column] = value;
    json::object cells;
    for (const auto& [column, value] : correction.cells)
      cells[column] = value ? json::value(*value) : json::value(nullptr);
    list.push_back(json::object{
        {"at", std::move(place)}, {"original", correction.original}, {"cells", std::move(cells)}});
  }
  return json::serialize(json::object{{"format", kFormat}, {"corrections", std::move(list)}});
}

std::vector<Correction> corrections_from(const std::string& text, const std::string& origin) {
  std::vector<Correction> corrections;
  try {
    const json::value parsed = parse_json(text, origin);
    const json::object& object = parsed.as_object();
    if (json_integer(object, "format") != kFormat)
      throw Error(ErrorClass::data, origin + " has format " +
                                        std::to_string(json_integer(object, "format")) +
                                        ", this tallymill reads " + std::to_string(kFormat));
    for (const json::value& entry : json_at(object, "corrections").as_array())
      corrections.push_back(correction_of(entry.as_object()));
  } catch (const Error&) {
    throw;
  } catch (const std::exception& problem) {
    throw Error(ErrorClass::data, origin + " holds no corrections: " + problem.what());
  }
  return corrections;
}

std::string stamped_version(std::string_view stamp) {
  return std::string(stamp.substr(0, stamp.find('+')));
}

std::vector<Correction> merged_corrections(std::vector<Correction> earlier,
                                           std::vector<Correction> later) {
  std::map<std::map<std::string, std::string>, Correction> by_place;
  for (std::vector<Correction>* list : {&earlier, &later})
    for (Correction& correction : *list) {
      auto place = correction.place;
      by_place.insert_or_assign(std::move(place), std::move(correction));
    }
  std::vector<Correction> merged;
  for (auto& [place, correction] : by_place)
    if (!correction.cells.empty()) merged.push_back(std::move(correction));
  return merged;
}

}  // namespace tallymill
