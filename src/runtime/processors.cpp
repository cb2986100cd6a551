#include "runtime/processors.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <string>
#include <thread>

#include <sched.h>

namespace rondo {
namespace {

int affinity() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// The process's place in the unified hierarchy, for example "/user.slice/job"; empty if there is none.
std::string control_group() {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("0::")) return line.substr(3);
  }
  return {};
}

/// The tightest quota on the way from this process's group to the root.
std::optional<double> quota() {
  std::optional<double> tightest;
  const auto consider = [&](const std::string& cpu_max) {
    if (const auto found = quota_of(cpu_max)) tightest = std::min(tightest.value_or(*found), *found);
  };
  for (std::string group = control_group();; group.erase(group.rfind('/'))) {
    consider(first_line("/sys/fs/cgroup" + group + "/cpu.max"));
    if (group.find('/') == std::string::npos) break;
  }
  const std::string v1 = "/sys/fs/cgroup/cpu/cpu.cfs_";
  consider(first_line(v1 + "quota_us") + " " + first_line(v1 + "period_us"));
  return tightest;
}

}  // namespace

std::optional<double> quota_of(std::string_view cpu_max) {
  long long granted = 0, period = 0;
  const char* const end = cpu_max.data() + cpu_max.size();
  const auto first = std::from_chars(cpu_max.data(), end, granted);
  if (first.ec != std::errc() || first.ptr == end) return {};
  const auto second = std::from_chars(first.ptr + 1, end, period);
  if (second.ec != std::errc() || granted <= 0 || period <= 0) return {};
  return static_cast<double>(granted) / static_cast<double>(period);
}

int usable_processors() {
  const int present = affinity();
  const auto granted = quota();
  if (!granted) return present;
  return std::clamp(static_cast<int>(std::ceil(*granted)), 1, present);
}

}  // namespace rondo
