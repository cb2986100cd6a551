/// Pages of what is inside: besides the blocks of reports, heat maps and texts whose tokens have shades. Each
/// block with a key is also in JSON.
#pragma once
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <rondo/tasks/evaluation.h>

namespace rondo::inspect {

/// Curves that JSON has as well.
struct Curves {
  std::string key;
  report::Lines lines;
};

using report::Heat;
using report::Marked;

using Block = std::variant<report::Table, report::Note, Curves, Heat, Marked>;

struct Section {
  Words title;
  std::vector<Block> blocks = {};
};

struct Page {
  std::string title;
  std::vector<std::pair<Words, std::string>> facts = {};
  std::vector<Section> sections = {};
};

/// One HTML file with inline SVG, without scripts.
std::string to_html(const Page& page, bool chinese);
/// One JSON object: the blocks by their keys.
std::string to_json(std::span<const Section> sections);
/// The tables, and marked texts as tables, for a terminal.
std::vector<report::Block> tables_of(std::span<const Section> sections);

}  // namespace rondo::inspect
