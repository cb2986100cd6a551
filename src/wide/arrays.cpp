// A WideClassifier as arrays of a model file (docs/model-file.md).
#include <cmath>
#include <utility>

#include "base/message.h"
#include "wide/classifier.h"
#include "wide/varint.h"

namespace rondo::wide {
namespace {

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

template <class T>
safetensors::Item list(const std::string& name, std::span<const T> values) {
  return safetensors::item(name, {static_cast<std::int64_t>(values.size())}, values);
}

/// Which n-grams a column has: how many, then the differences of their numbers.
void put_ngrams(std::string& bytes, const WeightColumn& column) {
  put_varint(bytes, static_cast<std::uint32_t>(column.ngrams.size()));
  std::int32_t before = -1;
  for (const std::int32_t ngram : column.ngrams) {
    put_varint(bytes, static_cast<std::uint32_t>(ngram - before - 1));
    before = ngram;
  }
}

class ArrayReader {
 public:
  ArrayReader(const safetensors::Reader& file, const std::string& prefix) : file_(file), prefix_(prefix) {}

  [[noreturn]] void refuse(const std::string& what) const {
    fail(ErrorKind::format, file_.name() + ": the wide branch " + what);
  }

  template <class T>
  std::vector<T> list(const char* name) const {
    const safetensors::Entry* const entry = file_.find(prefix_ + name);
    if (entry == nullptr || entry->shape.size() != 1 || entry->type != safetensors::type_of<T>)
      refuse("has no list " + quote(prefix_ + name) + " of type " +
             std::string(name_of(safetensors::type_of<T>)));
    std::vector<T> values(entry->elements);
    file_.read(*entry, std::span<T>(values));
    return values;
  }
  std::string bytes(const char* name) const {
    const std::vector<std::uint8_t> values = list<std::uint8_t>(name);
    return {values.begin(), values.end()};
  }

 private:
  const safetensors::Reader& file_;
  const std::string& prefix_;
};

void take_ngrams(const ArrayReader& reader, VarintReader& from, std::int32_t known, WeightColumn& column) {
  const auto number = [&] {
    const std::optional<std::uint32_t> found = from.next();
    if (!found) reader.refuse("ends within a number");
    return *found;
  };
  const std::uint32_t count = number();
  if (count > from.left()) reader.refuse("announces more weights than it has");
  column.ngrams.reserve(count);
  std::int64_t ngram = -1;
  for (std::uint32_t i = 0; i < count; ++i) {
    ngram += std::int64_t{number()} + 1;
    if (ngram >= known) reader.refuse("has a weight of an n-gram that it lacks");
    column.ngrams.push_back(static_cast<std::int32_t>(ngram));
  }
}

std::vector<WeightColumn> columns_from(const ArrayReader& reader, std::size_t count, std::int32_t known) {
  const std::vector<float> scales = reader.list<float>("scales"), biases = reader.list<float>("biases");
  const std::vector<std::int8_t> numbers = reader.list<std::int8_t>("weights");
  if (scales.size() != count || biases.size() != count) reader.refuse("has weights of other classes");
  const std::string bytes = reader.bytes("columns");
  VarintReader from(bytes);
  std::vector<WeightColumn> columns(count);
  std::size_t taken = 0;
  for (std::size_t c = 0; c < count; ++c) {
    if (!std::isfinite(scales[c]) || !std::isfinite(biases[c])) reader.refuse("has a number that is none");
    columns[c].scale = scales[c];
    columns[c].bias = biases[c];
    take_ngrams(reader, from, known, columns[c]);
    const std::size_t own = columns[c].ngrams.size();
    if (own > numbers.size() - taken) reader.refuse("has too few weights");
    columns[c].numbers.assign(numbers.begin() + static_cast<std::ptrdiff_t>(taken),
                              numbers.begin() + static_cast<std::ptrdiff_t>(taken + own));
    taken += own;
  }
  if (!from.at_end() || taken != numbers.size()) reader.refuse("has weights left over");
  return columns;
}

}  // namespace

std::vector<safetensors::Item> Arrays::items(const std::string& prefix) const {
  return {list(prefix + "ngrams", bytes_of(ngrams)), list(prefix + "columns", bytes_of(columns)),
          list(prefix + "weights", std::span<const std::int8_t>(numbers)),
          list(prefix + "scales", std::span<const float>(scales)),
          list(prefix + "biases", std::span<const float>(biases))};
}

Arrays arrays_of(const WideClassifier& classifier) {
  const WideClassifier::Impl& m = classifier.impl();
  Arrays arrays{.ngrams = m.table.to_bytes(), .columns = {}, .numbers = {}, .scales = {}, .biases = {}};
  for (std::size_t c = 0; c < m.weights.columns(); ++c) {
    const WeightColumn column = m.weights.column(c);
    put_ngrams(arrays.columns, column);
    arrays.numbers.insert(arrays.numbers.end(), column.numbers.begin(), column.numbers.end());
    arrays.scales.push_back(column.scale);
    arrays.biases.push_back(column.bias);
  }
  return arrays;
}

WideClassifier from_arrays(const safetensors::Reader& file, const std::string& prefix,
                           const WideOptions& options, const TextEncoder& encoder,
                           std::vector<std::string> classes) {
  const ArrayReader reader(file, prefix);
  if (classes.size() < 2) reader.refuse("needs two classes or more");
  NgramTable table;
  try {
    table = NgramTable::from_bytes(reader.bytes("ngrams"), encoder.vocab().size());
  } catch (const Error& error) {
    reader.refuse(std::string("has bad ") + error.what());
  }
  std::vector<WeightColumn> columns = columns_from(reader, columns_for(classes.size()), table.size());
  const std::int32_t ngrams = table.size();
  return WideClassifier(std::make_shared<WideClassifier::Impl>(WideClassifier::Impl{
      options, encoder.uncut(), std::move(classes), std::move(table), Weights(ngrams, std::move(columns))}));
}

}  // namespace rondo::wide
