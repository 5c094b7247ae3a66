#pragma once

namespace tallymill {

/// From now on this process and its threads start no program and look into no other process: rules
/// and SQL of users run here, and what breaks out of their sandboxes shall not get further. Such
/// calls fail with EPERM. Cannot be taken back; where the kernel has no filters it does nothing.
void forbid_programs();

}  // namespace tallymill
