#include "tasks/classify/reading.h"

#include <utility>

#include "base/message.h"
#include "tasks/classify/heads_application.h"
#include "tasks/reading.h"
#include "tasks/reading_record.h"

namespace rondo::classify {
namespace {

constexpr const char* separator_key = "label_separator";

/// Takes the separator out of a record, which then names the columns alone.
std::string taken_separator(std::string& record) {
  if (record.empty()) return {};
  Json json = parse_reading(record);
  if (!json.contains(separator_key)) return {};
  const std::string separator = text_in(json, separator_key);
  json.erase(separator_key);
  record = dump_json(json);
  return separator;
}

/// That of the options, else the recorded one, else the usual one.
std::string separator_of(const Reading& reading, const std::string& recorded) {
  if (!reading.label_separator.empty()) return reading.label_separator;
  return recorded.empty() ? std::string(data::usual_label_separator) : recorded;
}

Parts read_sets(const std::vector<std::filesystem::path>& files, const Reading& reading,
                const std::string& separator, const data::ReadLike& like) {
  data::LabelledText read = data::read_multi_label(files, separator, reading.columns, like);
  Parts parts{.train = std::move(read.train), .valid = std::move(read.valid), .test = std::move(read.test)};
  parts.reading = dump_json(Json{{"text", read.text}, {"label", read.label}, {separator_key, separator}});
  parts.notices = std::move(read.notices);
  if (!like.classes.empty() && !reading.columns.split_column.empty())
    parts.train = reading.columns.test_value.empty() ? parts.valid : parts.test;
  return parts;
}

}  // namespace

void check_reading(const Reading& reading, const PlaceOf& place) {
  check_split(reading.columns, place);
  if (!reading.label_separator.empty() && !reading.multi_label)
    fail(ErrorKind::option, place("label_separator") +
                                " is what stands between several labels of a text; it "
                                "needs " +
                                place("multi_label"));
  if (reading.labels.empty()) return;
  for (const auto& [name, given] :
       {std::pair("label", !reading.columns.label.empty()), std::pair("multi_label", reading.multi_label)})
    if (given)
      fail(ErrorKind::option, place(name) + " is for one column of labels; " + place("labels") +
                                  " names several, with one label each; leave out one of them");
}

Parts read(const std::vector<std::filesystem::path>& files, const Reading& reading,
           const AnyClassifier* any) {
  if (any != nullptr && any->heads() != nullptr)
    return read_heads(files, reading, any->heads()->columns(), text_column_in(any->application().reading));
  if (!reading.labels.empty()) {
    if (any == nullptr) return read_heads(files, reading, {}, {});
    fail(ErrorKind::option, "labels: the model has one column of labels; name it with label");
  }
  const TextClassifier* const model = any == nullptr ? nullptr : any->one();
  if (model == nullptr)
    return reading.multi_label ? read_sets(files, reading, separator_of(reading, {}), {})
                               : read_labelled(files, reading.columns);
  if (reading.multi_label && !model->multi_label())
    fail(ErrorKind::option, "multi_label: the model gives a text one label; leave the option out");
  std::string record = model->application().reading;
  const std::string separator = taken_separator(record);
  data::ReadLike like = like_of(record, model->class_names(), "the model");
  if (model->multi_label()) return read_sets(files, reading, separator_of(reading, separator), like);
  like.keep_unknown = true;
  return read_labelled(files, reading.columns, like);
}

Dataset read_more(const std::filesystem::path& file, const Reading& reading, Parts& parts) {
  if (!columns_in(parts).empty()) return read_more_heads(file, reading, parts);
  if (!data::is_multi_label(parts.train)) return read_labelled_part(file, reading.columns, parts);
  std::string record = parts.reading;
  const std::string separator = separator_of(reading, taken_separator(record));
  Reading whole = reading;
  whole.columns.split_column = whole.columns.test_value = whole.columns.valid_value = std::string();
  Parts more =
      read_sets({file}, whole, separator, like_of(record, parts.train.class_names(), "the training data"));
  for (std::string& notice : more.notices)
    parts.notices.push_back(std::move(notice));
  return std::move(more.train);
}

}  // namespace rondo::classify
