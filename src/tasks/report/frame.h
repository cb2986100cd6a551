/// What every page has in common: its head, its style, and a table of facts. No scripts, nothing from a
/// network.
#pragma once
#include <span>
#include <string>
#include <utility>

#include <rondo/tasks/evaluation.h>

namespace rondo::report {

/// Everything up to and with the title.
std::string page_begin(const std::string& title, bool chinese);
std::string page_end();
/// The section "At a glance".
std::string facts_section(std::span<const std::pair<Words, std::string>> facts, bool chinese);

}  // namespace rondo::report
