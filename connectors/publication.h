#pragma once

#include <string>

#include "connectors/connector.h"

namespace tallymill {

/// {"graph","job","period","partition","epoch","nonce","store","digest"}: what a marker says.
json::object publication_to_json(const Publication& publication);
/// Throws Error(data) naming `what` if it is no marker.
Publication publication_from_json(const json::value& value, std::string_view what);

/// Throws Error(config) unless `ours` may replace what `theirs` published to `target`: the same
/// store and job, and a newer epoch (or the very same attempt). `marker` says what to remove to
/// hand the target over.
void require_newer(const Publication& theirs, const Publication& ours, const std::string& target,
                   const std::string& marker);

}  // namespace tallymill
