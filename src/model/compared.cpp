#include "model/compared.h"

#include "base/json.h"

namespace rondo {

std::string compared_header(std::string_view header) {
  Json json = parse_json(header, {.name = "a model's header"});
  for (const char* const key : {"library", "format"})
    json.erase(key);
  const auto application = json.find("application");
  if (application != json.end())
    for (const char* const key : {"vectors", "init"})
      (*application)["options"].erase(key);
  return dump_json(json);
}

}  // namespace rondo
