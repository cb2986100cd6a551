// The report page: one HTML file with inline SVG and no script. All words stand in one table, English beside
// Chinese.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include <rondo/tasks.h>

#include "base/fields.h"
#include "tasks/setting_names.h"
#include "tasks/svg.h"

namespace rondo {
namespace {

enum Word : std::size_t {
  loss,
  accuracy,
  epoch,
  curves,
  best_epoch,
  test_scores,
  label,
  precision,
  recall,
  f1,
  support,
  mean_of_classes,
  confusion,
  truth,
  predicted,
  data,
  examples_per_label,
  lengths,
  tokens,
  mistakes,
  probability,
  text,
  settings,
  facts,
  training,
  validation,
  no_mistakes,
  surest_first,
  kept_scores,
  true_label,
  predicted_label,
  word_count
};
constexpr std::array<std::array<std::string_view, 2>, word_count> words = {{
    {"loss", "损失"},
    {"accuracy", "准确率"},
    {"epoch", "轮次"},
    {"Learning curves", "学习曲线"},
    {"dashed: the epoch that was kept", "虚线：最终采用的轮次"},
    {"Scores on the test part", "测试集成绩"},
    {"label", "标签"},
    {"precision", "精确率"},
    {"recall", "召回率"},
    {"F1", "F1"},
    {"texts", "文本数"},
    {"mean of classes (macro)", "各类平均（宏平均）"},
    {"Confusion matrix", "混淆矩阵"},
    {"true ↓", "真实 ↓"},
    {"predicted →", "预测 →"},
    {"Training data", "训练数据"},
    {"Texts per label", "每个标签的文本数"},
    {"Length of the texts", "文本长度"},
    {"tokens", "词元数"},
    {"Worst mistakes", "错得最离谱的样本"},
    {"probability", "概率"},
    {"text", "文本"},
    {"Settings", "设置"},
    {"At a glance", "概览"},
    {"training", "训练"},
    {"validation", "验证"},
    {"None: every text of the test part was classified correctly.", "没有：测试集全部分类正确。"},
    {"Texts whose wrong label the model was surest of.", "模型最有把握却判错的文本。"},
    {"Epoch %1 of %2 was kept", "共训练 %2 轮，采用第 %1 轮"},
    {"true label", "真实标签"},
    {"predicted", "预测标签"},
}};

constexpr std::string_view style = R"(
:root{color-scheme:light dark}
body{font:15px/1.55 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem;border-bottom:1px solid #8885;padding-bottom:.2rem}
table{border-collapse:collapse;margin:.6rem 0}td,th{padding:.25rem 1rem .25rem 0;text-align:left;vertical-align:top}th{white-space:nowrap}
td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}tr+tr>*{border-top:1px solid #8883}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(22rem,1fr));gap:1rem}figure{margin:.6rem 0}figcaption{font-weight:600}
svg{max-width:100%;height:auto;font-size:13px}svg text{fill:currentColor}
.grid{stroke:#8884}.axis{stroke:#888}.mark{stroke:#888;stroke-dasharray:4 4}.note{color:#888}
details{margin:.6rem 0}td.text{overflow-wrap:anywhere})";

class Page {
 public:
  explicit Page(const Report& report) : report_(report), language_(report.chinese ? 1 : 0) {}

  std::string html() const {
    std::string out = "<!doctype html>\n<html lang=\"" + std::string(report_.chinese ? "zh-CN" : "en") +
                      "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                      "content=\"width=device-width\"><title>" +
                      svg::escape(report_.title) + "</title><style>" + std::string(style) +
                      "</style></head><body>\n<h1>" + svg::escape(report_.title) + "</h1>\n";
    return out + facts_table() + curves_part() + scores_part() + data_part() + mistakes_part() +
           settings_part() + "</body></html>\n";
  }

 private:
  std::string say(Word word) const { return std::string(words[word][language_]); }
  std::string heading(Word word) const { return "<h2>" + say(word) + "</h2>\n"; }

  static std::string percent(double share) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f %%", share * 100);
    return text.data();
  }
  static std::string number_cell(std::string_view text) {
    return "<td class=\"n\">" + std::string(text) + "</td>";
  }

  std::string facts_table() const {
    std::string out = heading(facts) + "<table>";
    for (const auto& [name, value] : report_.facts)
      out += "<tr><th>" + svg::escape(name) + "</th><td>" + svg::escape(value) + "</td></tr>";
    return out + "</table>\n";
  }

  std::vector<svg::Line> lines(const std::string& value) const {
    std::vector<svg::Line> found;
    const std::vector<std::string> known = report_.history.names();
    for (const auto& [name, title] : {std::pair(value, training), std::pair("val_" + value, validation)})
      if (std::find(known.begin(), known.end(), name) != known.end()) {
        const std::span<const float> values = report_.history[name];
        found.push_back({say(title), {values.begin(), values.end()}});
      }
    return found;
  }

  /// A score of the epoch that was kept; empty where it was not reported.
  std::string kept_score(const std::string& name) const {
    const std::vector<std::string> known = report_.history.names();
    if (std::find(known.begin(), known.end(), name) == known.end()) return {};
    const auto value = static_cast<double>(
        report_.history[name][static_cast<std::size_t>(report_.history.kept_epoch() - 1)]);
    if (!std::isfinite(value)) return {};
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4f", value);
    return name.find("accuracy") != std::string::npos ? percent(value) : text.data();
  }

  std::string kept_part() const {
    std::string title = say(kept_scores);
    title.replace(title.find("%1"), 2, std::to_string(report_.history.kept_epoch()));
    title.replace(title.find("%2"), 2, std::to_string(report_.history.epochs()));
    std::string out = "<table><tr><th>" + title + "</th><th class=\"n\">" + say(loss) +
                      "</th><th class=\"n\">" + say(accuracy) + "</th></tr>";
    for (const auto& [prefix, part] : {std::pair("", training), std::pair("val_", validation)}) {
      const std::string of = prefix;
      if (!kept_score(of + "loss").empty())
        out += "<tr><td>" + say(part) + "</td>" + number_cell(kept_score(of + "loss")) +
               number_cell(kept_score(of + "accuracy")) + "</tr>";
    }
    return out + "</table>\n";
  }

  std::string curves_part() const {
    if (report_.history.epochs() == 0) return {};
    const int kept = report_.history.kept_epoch();
    return heading(curves) + "<div class=\"pair\"><figure><figcaption>" + say(loss) + "</figcaption>" +
           svg::line_chart(lines("loss"), say(epoch), kept) + "</figure><figure><figcaption>" +
           say(accuracy) + "</figcaption>" + svg::line_chart(lines("accuracy"), say(epoch), kept) +
           "</figure></div><p class=\"note\">" + say(best_epoch) + "</p>\n" + (kept > 0 ? kept_part() : "");
  }

  std::string scores_part() const {
    const Evaluation& e = report_.evaluation;
    if (e.examples == 0) return {};
    std::string out = heading(test_scores) + "<table><tr><th>" + say(label) + "</th>";
    for (const Word word : {precision, recall, f1, support})
      out += "<th class=\"n\">" + say(word) + "</th>";
    out += "</tr>";
    for (const Evaluation::PerClass& c : e.classes)
      out += "<tr><td>" + svg::escape(c.name) + "</td>" + number_cell(percent(c.precision)) +
             number_cell(percent(c.recall)) + number_cell(percent(c.f1)) +
             number_cell(std::to_string(c.support)) + "</tr>";
    out += "<tr><td>" + say(mean_of_classes) + "</td>" + number_cell(percent(e.macro_precision)) +
           number_cell(percent(e.macro_recall)) + number_cell(percent(e.macro_f1)) +
           number_cell(std::to_string(e.examples)) + "</tr></table><p><b>" + say(accuracy) + " " +
           percent(e.accuracy) + "</b></p>\n";
    return out + heading(confusion) +
           svg::heat_map(report_.class_names, e.confusion, say(truth), say(predicted));
  }

  std::string data_part() const {
    std::vector<svg::Bar> bars;
    for (std::size_t i = 0; i < report_.class_counts.size(); ++i)
      bars.push_back({report_.class_names[i], static_cast<double>(report_.class_counts[i])});
    return heading(data) + "<div class=\"pair\"><figure><figcaption>" + say(examples_per_label) +
           "</figcaption>" + svg::bar_chart(bars) + "</figure><figure><figcaption>" + say(lengths) +
           "</figcaption>" + svg::histogram(report_.lengths, say(tokens)) + "</figure></div>\n";
  }

  std::string mistakes_part() const {
    if (report_.evaluation.examples == 0) return {};
    std::string out = heading(mistakes);
    if (report_.evaluation.worst.empty()) return out + "<p>" + say(no_mistakes) + "</p>\n";
    out += "<p class=\"note\">" + say(surest_first) + "</p><table><tr><th>" + say(true_label) + "</th><th>" +
           say(predicted_label) + "</th><th class=\"n\">" + say(probability) + "</th><th>" + say(text) +
           "</th></tr>";
    for (const Evaluation::Mistake& m : report_.evaluation.worst)
      out += "<tr><td>" + svg::escape(m.label) + "</td><td>" + svg::escape(m.predicted) + "</td>" +
             number_cell(percent(static_cast<double>(m.probability))) + "<td class=\"text\">" +
             svg::escape(m.text) + "</td></tr>";
    return out + "</table>\n";
  }

  /// In Chinese beside the option's own name, which the command line takes.
  std::string setting_name(const std::string& option) const {
    const std::string code = "<th><code>" + svg::escape(option) + "</code></th>";
    return report_.chinese ? "<th>" + std::string(chinese_setting_name(option)) + "</th>" + code : code;
  }

  std::string settings_part() const {
    std::string out = heading(settings) + "<details><summary>" + say(settings) + "</summary><table>";
    const Json json = to_json(report_.options);
    for (const auto& [name, value] : json.items())
      out += "<tr>" + setting_name(name) + "<td>" +
             svg::escape(value.is_string() ? value.get<std::string>() : dump_json(value)) + "</td></tr>";
    return out + "</table></details>\n";
  }

  const Report& report_;
  std::size_t language_;
};

}  // namespace

std::string Report::to_html() const {
  return Page(*this).html();
}

}  // namespace rondo
