#include "tasks/report/frame.h"

#include <string_view>

#include "tasks/report/svg.h"

namespace rondo::report {
namespace {

constexpr std::string_view style = R"(
:root{color-scheme:light dark}
body{font:15px/1.55 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h3{font-size:1rem;margin:1.4rem 0 .4rem}h2{font-size:1.15rem;margin-top:2.2rem;border-bottom:1px solid #8885;padding-bottom:.2rem}
table{border-collapse:collapse;margin:.6rem 0}td,th{padding:.25rem 1rem .25rem 0;text-align:left;vertical-align:top}th{white-space:nowrap}
td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}tr+tr>*{border-top:1px solid #8883}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(22rem,100%),1fr));gap:1rem}figure{margin:.6rem 0}figcaption{font-weight:600}
svg{max-width:100%;height:auto;font-size:13px}svg text{fill:currentColor}
.grid{stroke:#8884}.axis{stroke:#888}.mark{stroke:#888;stroke-dasharray:4 4}.note{color:#888}
.wide{overflow-x:auto}.wide svg{max-width:none}.marked{line-height:2}.marked span{padding:.15rem .2rem;border-radius:.2rem}
details{margin:.6rem 0}td.text{overflow-wrap:anywhere})";

}  // namespace

std::string page_begin(const std::string& title, bool chinese) {
  return "<!doctype html>\n<html lang=\"" + std::string(chinese ? "zh-CN" : "en") +
         "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>" +
         svg::escape(title) + "</title><style>" + std::string(style) + "</style></head><body>\n<h1>" +
         svg::escape(title) + "</h1>\n";
}

std::string page_end() {
  return "</body></html>\n";
}

std::string facts_section(std::span<const std::pair<Words, std::string>> facts, bool chinese) {
  const Words title = {"At a glance", "概览"};
  std::string out = "<h2>" + title.in(chinese) + "</h2>\n<table>";
  for (const auto& [name, value] : facts)
    out += "<tr><th>" + svg::escape(name.in(chinese)) + "</th><td>" + svg::escape(value) + "</td></tr>";
  return out + "</table>\n";
}

}  // namespace rondo::report
