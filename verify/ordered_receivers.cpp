#include "verify/ordered_receivers.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/text.h"

namespace tallymill::verify {
namespace {

/// Before each node of a path: a path that ends here comes before one that goes on.
constexpr char kNodeFollows = '\1';

}  // namespace

OrderedReceivers::OrderedReceivers(Engine& engine, const RecordedJob& job,
                                   const AllocationInputs& inputs)
    : engine_(engine), job_(job), inputs_(inputs) {
  if (job.options.has("hierarchy") && job.options.node("hierarchy").is_mapping()) {
    read_places(job.options.object("hierarchy"));
  } else {
    const std::vector<std::string> levels = job.options.has("hierarchy")
                                                ? job.options.columns("hierarchy")
                                                : std::vector<std::string>();
    read_receivers(levels, [&](const Row& row, const std::vector<Column>& columns) {
      Place place;
      std::string name;
      for (std::size_t i = 0; i < levels.size(); ++i) {
        place.bytes += kNodeFollows;
        row.encode_in_order(i, place.bytes);
        place.ends.push_back(place.bytes.size());
        name += (i == 0 ? "" : ", ") + columns[i].name + " " + row.shown(i);
        place.names.push_back(name);
      }
      return place;
    });
  }
  sort();
}

/// A dataset of places, each naming the one above it.
void OrderedReceivers::read_places(const Options& hierarchy) {
  struct Step {
    std::string parent;  ///< bytes; empty: a root
    std::string name;
  };
  std::map<std::string, Step> steps;
  const std::vector<std::string> names{hierarchy.text("key"), hierarchy.text("parent")};
  for (const RecordedVersion& version : input_versions(job_, "hierarchy")) {
    const std::vector<Column> columns =
        columns_named(row_shape(version.folder).schema, names, version.dataset);
    read_rows(engine_, version, columns, {}, [&](const Row& row) {
      std::string key;
      row.encode_in_order(0, key);
      Step& step = steps[key];
      step.name = columns[0].name + " " + row.shown(0);
      if (!row.is_null(1)) row.encode_in_order(1, step.parent);
    });
  }
  const auto place_of = [&](const Row& row, const std::vector<Column>&) {
    std::vector<std::string> way;
    std::string at;
    row.encode_in_order(0, at);
    while (!at.empty()) {
      const auto step = steps.find(at);
      if (step == steps.end() || way.size() > steps.size())
        throw Error(ErrorClass::data, "a receiver stands at " + row.shown(0) +
                                          ", from which no way leads up to a root");
      way.push_back(at);
      at = step->second.parent;
    }
    Place place;
    std::string name;
    for (auto node = way.rbegin(); node != way.rend(); ++node) {
      place.bytes += kNodeFollows + *node;
      place.ends.push_back(place.bytes.size());
      name += (name.empty() ? "" : ", ") + steps.at(*node).name;
      place.names.push_back(name);
    }
    return place;
  };
  read_receivers({hierarchy.text("place")}, place_of);
}

void OrderedReceivers::read_receivers(
    const std::vector<std::string>& placed,
    const std::function<Place(const Row&, const std::vector<Column>&)>& place_of) {
  std::vector<std::string> names = placed;
  names.insert(names.end(), inputs_.receiver_key.begin(), inputs_.receiver_key.end());
  const std::vector<std::size_t> key = places(placed.size(), inputs_.receiver_key.size());
  path_of_.resize(inputs_.receivers());
  keys_.resize(inputs_.receivers());
  names_.resize(inputs_.receivers());
  std::string bytes;
  for (const RecordedVersion& version : inputs_.receiver_versions()) {
    const std::vector<Column> columns =
        columns_named(row_shape(version.folder).schema, names, version.dataset);
    read_rows(engine_, version, columns, {}, [&](const Row& row) {
      const auto receiver = inputs_.receiver_of(number_of(hash_of(row, key, bytes)));
      if (!receiver) return;
      for (const std::size_t column : key) row.encode_in_order(column, keys_[*receiver]);
      names_[*receiver] = name_of(row, columns, key);
      path_of_[*receiver] = path(place_of(row, columns));
    });
  }
}

std::uint32_t OrderedReceivers::path(const Place& place) {
  const auto [known, is_new] =
      path_by_bytes_.emplace(place.bytes, static_cast<std::uint32_t>(paths_.size()));
  if (!is_new) return known->second;
  Path& path = paths_.emplace_back();
  path_bytes_.push_back(place.bytes);
  for (std::size_t level = 0; level < place.ends.size(); ++level) {
    const auto [node, is_first] = node_by_bytes_.emplace(place.bytes.substr(0, place.ends[level]),
                                                         static_cast<std::uint32_t>(nodes_.size()));
    if (is_first) nodes_.push_back({.name = place.names[level], .level = static_cast<int>(level)});
    path.push_back(node->second);
  }
  return known->second;
}

void OrderedReceivers::sort() {
  std::vector<std::uint32_t> by_bytes(paths_.size());
  std::iota(by_bytes.begin(), by_bytes.end(), 0U);
  std::sort(by_bytes.begin(), by_bytes.end(),
            [&](std::uint32_t a, std::uint32_t b) { return path_bytes_[a] < path_bytes_[b]; });
  std::vector<std::uint32_t> rank(paths_.size());
  for (std::uint32_t i = 0; i < by_bytes.size(); ++i) rank[by_bytes[i]] = i;
  order_.resize(inputs_.receivers());
  std::iota(order_.begin(), order_.end(), 0U);
  std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (path_of_[a] != path_of_[b]) return rank[path_of_[a]] < rank[path_of_[b]];
    return keys_[a] < keys_[b];
  });
}

}  // namespace tallymill::verify
