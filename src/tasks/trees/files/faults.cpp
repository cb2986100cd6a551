#include "base/message.h"
#include "base/shown.h"
#include "tasks/trees/files/parsed.h"

namespace rondo::trees {

void Faults::add(std::uint64_t line, std::uint64_t column, const std::string& what) {
  add("line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + what);
}

void Faults::add(const std::string& what) {
  constexpr std::size_t most = 20;
  if (++count_ <= most) first_.push_back(what);
}

std::string Faults::in_words() const {
  std::string text = name_ + " " + joined(first_, "; ");
  if (count_ > first_.size()) text += "; and " + std::to_string(count_ - first_.size()) + " more";
  return text;
}

void Faults::clear() {
  first_.clear();
  count_ = 0;
}

TreeForm form_of(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\r");
  if (first == line.npos || line[first] == '#' || line[first] == ';') return TreeForm::automatic;
  if (line[first] == '(') return TreeForm::brackets;
  std::size_t tabs = 0;
  for (const char c : line)
    tabs += c == '\t' ? 1 : 0;
  const bool number = line[first] >= '0' && line[first] <= '9';
  return number && tabs >= 2 ? TreeForm::conllu : TreeForm::text;
}

}  // namespace rondo::trees
