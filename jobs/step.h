#pragma once

#include "core/registry.h"

namespace tallymill {

struct StepType {
  std::string name;
};
void register_all_steps(Registry<StepType>& steps);

}  // namespace tallymill
