#include "tasks/reading_record.h"

#include "base/message.h"

namespace rondo {

Json parse_reading(std::string_view record) {
  if (record.empty()) return Json::object();
  Json reading = parse_json(record, {.name = reading_record_name});
  if (!reading.is_object())
    fail(ErrorKind::format, std::string(reading_record_name) + ": wanted an object of JSON");
  return reading;
}

std::string text_in(const Json& reading, const char* key) {
  const auto found = reading.find(key);
  if (found == reading.end() || !found->is_string())
    fail(ErrorKind::format, std::string(reading_record_name) + ": wanted " + quote(key) + " as a text");
  return found->get<std::string>();
}

}  // namespace rondo
