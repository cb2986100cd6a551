#include "typed_options.h"

#include <algorithm>
#include <optional>
#include <sstream>

#include <fmt/format.h>

#include "base/json.h"
#include "base/message.h"
#include "base/shown.h"
#include "base/utf8.h"

namespace rondo::program {
namespace {

using Kind = OptionInfo::Kind;

/// "size of the hidden state (1 to 65536) [128]"
std::string help_of(const OptionInfo& info) {
  std::string help = info.help;
  if (!info.choices.empty()) help += " (" + enumerate(info.choices) + ")";
  if (info.low != info.high) help += " (" + plain(info.low) + " to " + plain(info.high) + ")";
  if (info.kind == Kind::truth) return help + (info.default_text == "true" ? " [on]" : " [off]");
  const bool shown = !info.default_text.empty() && !info.optional && info.many != OptionInfo::Many::map;
  return shown ? help + " [" + info.default_text + "]" : help;
}

/// Whether the texts of a list are names of columns, with commas between them; others, such as what stops a
/// text, may hold commas themselves.
bool lists_columns(const OptionInfo& info) {
  return info.kind == Kind::text && info.many == OptionInfo::Many::list && info.name != "stop";
}

std::string value_name(const OptionInfo& info) {
  if (lists_columns(info)) return "COLUMN,...";
  if (info.name == "text" || info.name == "label" || info.name == "split_column") return "COLUMN";
  switch (info.kind) {
    case Kind::whole_number:
      return "N";
    case Kind::number:
      return info.many == OptionInfo::Many::map ? "NAME=X,..." : "X";
    case Kind::path:
      return "FILE";
    case Kind::choice:
    case Kind::one_of:
      return info.many == OptionInfo::Many::list ? "NAME,..." : "NAME";
    default:
      return "TEXT";
  }
}

}  // namespace

std::string option_name(std::string_view field) {
  std::string name = "--" + std::string(field);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

void TypedOptions::add_to(CLI::App& command, const std::vector<OptionInfo>& table,
                          const std::string& section) {
  std::string group = section;
  for (const OptionInfo& info : table) {
    if (!info.section.empty()) group = info.section;
    const auto typed = typed_;
    const std::string field = info.name, option = option_name(info.name);
    CLI::Option* added = nullptr;
    if (info.kind == Kind::text && info.many == OptionInfo::Many::list) {
      add_texts(command, info, group);
      continue;
    }
    if (info.kind == Kind::truth)
      added = command.add_flag_function(
          option + ",!--no-" + option.substr(2),
          [typed, field](std::int64_t on) { typed->emplace_back(field, on > 0 ? "true" : "false"); },
          help_of(info));
    else
      added = command
                  .add_option_function<std::string>(
                      option, [typed, field](const std::string& text) { typed->emplace_back(field, text); },
                      help_of(info))
                  ->type_name(value_name(info));
    // The last one counts, as is usual in the shell.
    added->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)->group(group);
  }
}

/// Each use adds its texts.
void TypedOptions::add_texts(CLI::App& command, const OptionInfo& info, const std::string& group) {
  const auto take = [typed = typed_, field = info.name,
                     columns = lists_columns(info)](const std::vector<std::string>& texts) {
    std::vector<std::string> all;
    for (const std::string& text : texts) {
      if (!columns) {
        all.push_back(text);
        continue;
      }
      std::istringstream parts(text);
      for (std::string part; std::getline(parts, part, ',');)
        if (!trim_unseen(part).empty()) all.emplace_back(trim_unseen(part));
    }
    typed->emplace_back(field, dump_json(Json(all)));
  };
  command.add_option_function<std::vector<std::string>>(option_name(info.name), take, help_of(info))
      ->type_name(value_name(info))
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group(group);
}

void TypedOptions::add_to(CLI::App& command, std::span<const TaskKind> applications,
                          OptionTable TaskKind::*table, const std::string& section) {
  std::vector<OptionInfo> all;
  for (const TaskKind& kind : applications)
    for (OptionInfo& info : (kind.*table).list()) {
      const auto same = [&](const OptionInfo& other) { return other.name == info.name; };
      if (std::none_of(all.begin(), all.end(), same)) all.push_back(std::move(info));
    }
  add_to(command, all, section);
}

void TypedOptions::apply(std::initializer_list<OptionTable*> tables, Unknown unknown,
                         const std::string& whose) const {
  for (const auto& option : *typed_) {
    const std::string& name = option.first;
    const auto found = std::find_if(tables.begin(), tables.end(),
                                    [&](const OptionTable* table) { return table->contains(name); });
    if (found != tables.end())
      (*found)->set(name, option.second, option_name(name));
    else if (unknown == Unknown::refused)
      fail(ErrorKind::usage, option_name(name) + " does not apply to " + whose + "; leave it out");
  }
}

void TypedOptions::check(std::span<const TaskKind> applications, OptionTable TaskKind::*table) const {
  for (const auto& option : *typed_) {
    std::optional<Error> refused;
    bool taken = false;
    for (const TaskKind& kind : applications) {
      OptionTable tried = kind.*table;
      if (!tried.contains(option.first)) continue;
      try {
        tried.set(option.first, option.second, option_name(option.first));
        taken = true;
      } catch (const Error& error) {
        if (!refused) refused = error;
      }
    }
    if (refused && !taken) throw *refused;
  }
}

}  // namespace rondo::program
