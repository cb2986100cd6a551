#include "model/transfer.h"

#include <algorithm>
#include <map>

#include "autograd/forms.h"
#include "autograd/visit.h"
#include "base/message.h"
#include "model/sequential_impl.h"

namespace rondo {
namespace {

/// The name of the first embedding, or "".
std::string embedding_of(const Sequential::Impl& m) {
  for (std::size_t i = 0; i < m.layers.size(); ++i)
    if (std::holds_alternative<layers::Embedding>(m.layers[i])) return m.names[i];
  return {};
}

Rows matching_tokens(const Vocab& here, const Vocab& there) {
  Rows rows = {{Vocab::unknown, Vocab::unknown}};
  for (std::int32_t i = 1; i < here.size(); ++i)
    if (const std::int32_t other = there.find(here.token(i)); other != Vocab::unknown)
      rows.emplace_back(i, other);
  return rows;
}

Rows matching_bigrams(const TextEncoder& here, const TextEncoder& there) {
  Rows rows;
  if (here.bigram_count() == 0 || there.bigram_count() == 0) return rows;
  std::map<std::pair<std::int32_t, std::int32_t>, std::int32_t> numbers;
  for (std::int32_t i = 1; i < there.bigram_count(); ++i)
    numbers.emplace(there.bigram(i), i);
  const auto translated = [&](std::int32_t token) {  // -2: the other vocabulary lacks it
    if (token <= Vocab::unknown) return token;
    const std::int32_t other = there.vocab().find(here.vocab().token(token));
    return other == Vocab::unknown ? -2 : other;
  };
  rows.emplace_back(0, 0);
  for (std::int32_t i = 1; i < here.bigram_count(); ++i) {
    const auto [previous, token] = here.bigram(i);
    const auto found = numbers.find({translated(previous), translated(token)});
    if (found != numbers.end()) rows.emplace_back(i, found->second);
  }
  return rows;
}

/// The numbers of a table of which only these rows are looked at.
const float* numbers_of_rows(const Tensor& table, const Rows& rows) {
  std::vector<std::int32_t> wanted;
  for (const auto& row : rows)
    if (row.second < table.rows()) wanted.push_back(static_cast<std::int32_t>(row.second));
  return table.data_of_rows<float>(wanted);
}

bool same_width(const Shape& a, const Shape& b) {
  return !a.empty() && a.size() == b.size() && std::equal(a.begin() + 1, a.end(), b.begin() + 1);
}

void copy_rows(const Tensor& from, const Rows& rows, Tensor to) {
  const std::int64_t width = to.columns();
  const float* const numbers = numbers_of_rows(from, rows);
  const std::span<float> own = to.data<float>();
  for (const auto& [here, there] : rows)
    if (there < from.rows()) std::copy_n(numbers + there * width, width, own.begin() + here * width);
}

/// The name of the layer with a row for each class, or "".
std::string class_layer_of(const Sequential::Impl& m) {
  for (std::size_t i = m.layers.size(); i-- > 0;)
    if (const auto* const dense = std::get_if<layers::Dense>(&m.layers[i]))
      return dense->units == static_cast<std::int64_t>(m.classes.size()) ? m.names[i] : "";
  return {};
}

Rows matching_classes(const std::vector<std::string>& here, const std::vector<std::string>& there) {
  Rows rows;
  for (std::size_t i = 0; i < here.size(); ++i)
    if (const auto found = std::find(there.begin(), there.end(), here[i]); found != there.end())
      rows.emplace_back(static_cast<std::int64_t>(i), static_cast<std::int64_t>(found - there.begin()));
  return rows;
}

void add_embedding(const Sequential::Impl& m, const SequentialHeader& there, Tables& tables) {
  const std::string name = embedding_of(m);
  if (name.empty() || !m.encoder || !there.encoder) return;
  tables[name + ".weight"] = {matching_tokens(m.encoder->vocab(), there.encoder->vocab())};
  tables[name + ".bigram_weight"] = {matching_bigrams(*m.encoder, *there.encoder)};
}

/// Which rows of a table to take, by the parameter's name. All other parameters are taken whole. Classes go
/// by name, because their numbers change when one is added or renamed.
Tables matched_tables(const Sequential::Impl& m, const ModelFile& file) {
  Tables tables;
  const std::string head = m.classes.empty() ? std::string() : class_layer_of(m);
  if (head.empty() && embedding_of(m).empty()) return tables;
  const SequentialHeader there = sequential_header(file);
  add_embedding(m, there, tables);
  if (head.empty() || there.classes.empty() || m.classes == there.classes) return tables;
  for (const char* const parameter : {".weight", ".bias"})
    tables[head + parameter] = {matching_classes(m.classes, there.classes), false};
  return tables;
}

}  // namespace

void Sequential::set_embeddings(const WordVectors& vectors) {
  Impl& m = *impl_;
  m.live("set_embeddings()");
  refuse_in_inference_mode("set_embeddings()");
  const std::string name = embedding_of(m);
  if (name.empty()) fail(ErrorKind::usage, "set_embeddings() needs a model with an embedding");
  Tensor table = m.network->store()->find(name + ".weight")->leaf->value;
  const auto rows = static_cast<std::int64_t>(vectors.found.size());
  if (vectors.dim != table.columns() || rows != m.encoder->vocab().size() ||
      static_cast<std::int64_t>(vectors.values.size()) != rows * vectors.dim)
    fail(ErrorKind::shape, quote(name + ".weight") + " takes vectors of " + std::to_string(table.columns()) +
                               " numbers for " + std::to_string(m.encoder->vocab().size()) + " tokens, got " +
                               std::to_string(vectors.dim) + " numbers for " + std::to_string(rows) +
                               "; set dim = " + std::to_string(vectors.dim));
  Rows found;
  for (std::int64_t i = 0; i < rows; ++i)
    if (vectors.found[static_cast<std::size_t>(i)] != 0) found.emplace_back(i, i);
  m.set_weight_type(WeightType::f32);
  copy_rows(Tensor::of({rows, vectors.dim}, vectors.values), found, table);
}

Transfer take_weights(const ModelFile& file, ParameterStore& store, const Tables& tables) {
  struct Taken {
    const Parameter* to;
    Tensor from;
    const Table* table;  ///< null: all of it
  };
  Transfer transfer;
  std::vector<Taken> all;
  for (const Parameter& p : store.parameters()) {
    const safetensors::Entry* entry = file.arrays().find(p.name);
    const Shape& shape = p.leaf->value.shape();
    const auto table = tables.find(p.name);
    const bool by_rows = table != tables.end();
    if (entry == nullptr) {
      transfer.missing.push_back(p.name);
    } else if (by_rows ? same_width(entry->shape, shape) : entry->shape == shape) {
      all.push_back({&p, file.tensor(*entry).to(by_rows ? DType::f32 : store.dtype()),
                     by_rows ? &table->second : nullptr});
      transfer.taken.push_back(p.name);
    } else {
      transfer.misshapen.push_back(p.name);
    }
  }
  for (const safetensors::Entry& entry : file.arrays().entries())
    if (store.find(entry.name) == nullptr && file.is_weight(entry)) transfer.unused.push_back(entry.name);
  // All is read before anything changes: a damaged file leaves the model as it was.
  for (const Taken& taken : all) {
    if (taken.table != nullptr)
      numbers_of_rows(taken.from, taken.table->rows);
    else
      visit_float(taken.from.dtype(), taken.to->name, [&]<class T>() { taken.from.data<T>(); });
  }
  for (const Taken& taken : all) {
    if (taken.table == nullptr) {
      store.set(taken.to->name, taken.from);
      continue;
    }
    copy_rows(taken.from, taken.table->rows, taken.to->leaf->value);
    if (taken.table->of_tokens) transfer.tokens += static_cast<std::int64_t>(taken.table->rows.size());
  }
  return transfer;
}

Transfer Sequential::init_from(const std::filesystem::path& path) {
  Impl& m = *impl_;
  m.live("init_from()");
  refuse_in_inference_mode("init_from()");
  m.set_weight_type(WeightType::f32);
  const ModelFile file(path);
  return take_weights(file, *m.network->store(), matched_tables(m, file));
}

}  // namespace rondo
