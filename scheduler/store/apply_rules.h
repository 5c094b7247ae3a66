#pragma once

#include "scheduler/store/apply.h"

namespace tallymill {

// Parts of apply_event(): rules, their versions and what people decided.

void apply_rule_kept(Database& database, const StoredEvent& stored);
void apply_rule_decided(Database& database, const StoredEvent& stored);
void apply_rule_shadow_seen(Database& database, const StoredEvent& stored);

}  // namespace tallymill
