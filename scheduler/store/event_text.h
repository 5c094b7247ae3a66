#pragma once

#include "scheduler/events.h"

namespace tallymill {

/// Makes the event's texts such that every database keeps them byte by byte: what is not UTF-8, and
/// NUL, becomes U+FFFD (a worker may have said anything). Returns its body as JSON text.
std::string settle_texts(Event& event);

}  // namespace tallymill
