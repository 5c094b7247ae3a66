#pragma once

#include <string>

#include "scheduler/store.h"

namespace tallymill {

/// The first table, `event` left out, whose rows differ between two stores; empty if none does.
std::string different_table(Database& one, Database& other);

/// Copies a whole store into `target`, which must be empty, in one transaction: the chain event by
/// event, checked link by link, and the tables by applying it. Afterwards every table is compared.
/// Returns the head. Throws Error(config) if the target is not empty, Error(transient) naming the
/// link or the table if something does not fit; the target is then as empty as before.
ChainHead copy_store(Database& source, Database& target);

}  // namespace tallymill
