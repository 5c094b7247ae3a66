#pragma once

#include "core/registry.h"

namespace tallymill {

struct CheckType {
  std::string name;
};
void register_all_checks(Registry<CheckType>& checks);

}  // namespace tallymill
