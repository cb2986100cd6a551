// The report page: one HTML file with inline SVG and without scripts. One table has the words of all pages.
#include <algorithm>
#include <array>
#include <cmath>

#include <rondo/tasks/report.h>

#include "base/shown.h"
#include "tasks/report/blocks.h"
#include "tasks/report/frame.h"
#include "tasks/report/setting_names.h"
#include "tasks/report/svg.h"

namespace rondo {
namespace {

namespace words {
const Words epoch = {"epoch", "轮次"}, curves = {"Learning curves", "学习曲线"},
            kept_line = {"dashed: the epoch that was kept", "虚线：最终采用的轮次"},
            kept = {"Epoch %1 of %2 was kept", "共训练 %2 轮，采用第 %1 轮"}, training = {"training", "训练"},
            validation = {"validation", "验证"}, settings = {"Settings", "设置"};
}  // namespace words

/// The titles of epoch values.
Words name_of_value(const std::string& value) {
  static const std::array<std::pair<std::string_view, Words>, 9> known = {{
      {"loss", {"loss", "损失"}},
      {"accuracy", {"accuracy", "准确率"}},
      {"f1", {"F1", "F1"}},
      {"micro_f1", {"micro F1", "微平均 F1"}},
      {"precision", {"precision", "精确率"}},
      {"recall", {"recall", "召回率"}},
      {"perplexity", {"perplexity", "困惑度"}},
      {"mae", {"MAE", "平均绝对误差"}},
      {"mse", {"MSE", "均方误差"}},
  }};
  for (const auto& [name, title] : known)
    if (name == value) return title;
  return {value, {}};
}

bool is_share(const std::string& value) {
  return value == "accuracy" || value == "f1" || value == "micro_f1" || value == "precision" ||
         value == "recall";
}

class Page {
 public:
  explicit Page(const Report& report) : report_(report) {}

  std::string html() const {
    std::string out = report::page_begin(report_.title, report_.chinese) +
                      report::facts_section(report_.facts, report_.chinese) + curves_part();
    for (const report::Section& section : report_.sections)
      out += report::to_html(section, report_.chinese);
    return out + settings_part() + report::page_end();
  }

 private:
  const std::string& say(const Words& words) const { return words.in(report_.chinese); }
  std::string heading(const Words& words) const { return "<h2>" + say(words) + "</h2>\n"; }

  bool has(const std::string& value) const {
    const std::vector<std::string> known = report_.history.names();
    return std::find(known.begin(), known.end(), value) != known.end();
  }

  report::Lines lines(const std::string& value) const {
    report::Lines block{.title = name_of_value(value),
                        .x_title = words::epoch,
                        .lines = {},
                        .mark = report_.history.kept_epoch()};
    for (const auto& [name, title] :
         {std::pair(value, words::training), std::pair("val_" + value, words::validation)})
      if (has(name)) {
        const std::span<const float> values = report_.history[name];
        block.lines.emplace_back(title, std::vector<float>(values.begin(), values.end()));
      }
    return block;
  }

  /// A score of the kept epoch; empty if it was not reported.
  std::string kept_score(const std::string& prefix, const std::string& name) const {
    const std::map<std::string, float>& kept = report_.history.kept_values();
    const auto found = kept.find(prefix + name);
    if (found == kept.end()) return {};
    const auto value = static_cast<double>(found->second);
    if (!std::isfinite(value)) return {};
    return is_share(name) ? percent(value) : fixed(value, 4);
  }

  std::string kept_part() const {
    std::string title = say(words::kept);
    title.replace(title.find("%1"), 2, std::to_string(report_.history.kept_epoch()));
    title.replace(title.find("%2"), 2, std::to_string(report_.history.epochs()));
    std::string out = "<table><tr><th>" + title + "</th>";
    for (const std::string& value : report_.curves)
      out += "<th class=\"n\">" + say(name_of_value(value)) + "</th>";
    out += "</tr>";
    for (const auto& [prefix, part] :
         {std::pair("", words::training), std::pair("val_", words::validation)}) {
      std::string cells, filled;
      for (const std::string& value : report_.curves) {
        filled += kept_score(prefix, value);
        cells += "<td class=\"n\">" + kept_score(prefix, value) + "</td>";
      }
      if (!filled.empty()) out += "<tr><td>" + say(part) + "</td>" + cells + "</tr>";
    }
    return out + "</table>\n";
  }

  std::string curves_part() const {
    if (report_.history.epochs() == 0) return {};
    report::Section section{words::curves, {}};
    for (const std::string& value : report_.curves)
      section.blocks.emplace_back(lines(value));
    section.blocks.emplace_back(report::Note{words::kept_line});
    return report::to_html(section, report_.chinese) + (report_.history.kept_epoch() > 0 ? kept_part() : "");
  }

  /// In Chinese reports, the Chinese name comes beside the option's name, which the command line takes.
  std::string setting_name(const std::string& option) const {
    const std::string code = "<th><code>" + svg::escape(option) + "</code></th>";
    return report_.chinese ? "<th>" + std::string(chinese_setting_name(option)) + "</th>" + code : code;
  }

  std::string settings_part() const {
    std::string out =
        heading(words::settings) + "<details><summary>" + say(words::settings) + "</summary><table>";
    for (const auto& [name, value] : report_.settings)
      out += "<tr>" + setting_name(name) + "<td>" + svg::escape(value) + "</td></tr>";
    return out + "</table></details>\n";
  }

  const Report& report_;
};

}  // namespace

std::string Report::to_html() const {
  return Page(*this).html();
}

}  // namespace rondo
