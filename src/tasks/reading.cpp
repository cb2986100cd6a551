#include "tasks/reading.h"

#include <utility>

#include "base/fields.h"
#include "base/message.h"
#include "tasks/reading_record.h"

namespace rondo {
namespace {

/// Columns as an application's record keeps them.
std::string to_record(const data::LabelledText& read) {
  return dump_json(Json{{"text", read.text}, {"label", read.label}});
}

}  // namespace

void check_split(const data::ReadOptions& options, const PlaceOf& place) {
  const std::pair<const char*, const std::string*> values[] = {{"test_value", &options.test_value},
                                                               {"valid_value", &options.valid_value}};
  for (const auto& [name, value] : values)
    if (!value->empty() && options.split_column.empty())
      fail(ErrorKind::option, place(name) + " needs --split-column, the column in which it stands");
  if (!options.split_column.empty() && options.test_value.empty() && options.valid_value.empty())
    fail(ErrorKind::option, place("split_column") + " needs --test-value, --valid-value or both");
  if (!options.test_value.empty() && options.test_value == options.valid_value)
    fail(ErrorKind::option, place("valid_value") + " must differ from " + place("test_value") + ", got " +
                                quote(options.valid_value) + " for both");
}

data::ReadLike like_of(const std::string& record, std::vector<std::string> classes, std::string of) {
  data::ReadLike like{.classes = std::move(classes), .of = std::move(of)};
  if (record.empty()) return like;
  const auto columns =
      from_json<data::ReadOptions>(parse_reading(record), {reading_record_name, ErrorKind::format});
  like.text = columns.text;
  like.label = columns.label;
  return like;
}

Parts read_labelled(const std::vector<std::filesystem::path>& files, const data::ReadOptions& options,
                    const data::ReadLike& like) {
  data::LabelledText read = data::read(files, options, like);
  Parts parts{.train = std::move(read.train), .valid = std::move(read.valid), .test = std::move(read.test)};
  parts.reading = to_record(read);
  parts.notices = std::move(read.notices);
  if (!like.classes.empty() && !options.split_column.empty())
    parts.train = options.test_value.empty() ? parts.valid : parts.test;
  return parts;
}

Dataset read_labelled_part(const std::filesystem::path& file, data::ReadOptions options, Parts& parts) {
  options.split_column.clear();
  options.test_value.clear();
  options.valid_value.clear();
  const data::ReadLike like = like_of(parts.reading, parts.train.class_names(), "the training data");
  data::LabelledText read = data::read(file, options, like);
  for (std::string& notice : read.notices)
    parts.notices.push_back(std::move(notice));
  return std::move(read.train);
}

}  // namespace rondo
