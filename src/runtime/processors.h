/// How many threads this process may run at once.
#pragma once
#include <optional>
#include <string_view>

namespace rondo {

/// The smaller of the scheduler's affinity and the control group's quota, rounded up; at least 1.
int usable_processors();

/// Processors granted by the text of a cgroup v2 `cpu.max`: "150000 100000" is 1.5; nothing for "max ...".
std::optional<double> quota_of(std::string_view cpu_max);

}  // namespace rondo
