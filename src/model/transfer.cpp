#include "model/transfer.h"

#include <algorithm>
#include <map>

#include "autograd/forms.h"
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

void copy_rows(const Tensor& from, const Rows& rows, Tensor to) {
  const std::int64_t width = to.columns();
  const Tensor same = from.to(DType::f32);
  for (const auto& [here, there] : rows)
    if (there < same.rows())
      std::copy_n(same.data<float>().begin() + there * width, width, to.data<float>().begin() + here * width);
}

/// Which rows of a table to take, by the parameter's name; empty for all other parameters.
std::map<std::string, Rows> matched_tables(const Sequential::Impl& m, const ModelFile& file) {
  std::map<std::string, Rows> tables;
  const std::string name = embedding_of(m);
  if (name.empty() || !m.encoder) return tables;
  const SequentialHeader header = sequential_header(file.header(), file.name());
  if (header.text_encoder.empty()) return tables;
  const TextEncoder there = TextEncoder::from_json(header.text_encoder);
  tables[name + ".weight"] = matching_tokens(m.encoder->vocab(), there.vocab());
  tables[name + ".bigram_weight"] = matching_bigrams(*m.encoder, there);
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
  m.weight_type = WeightType::f32;
  copy_rows(Tensor::of({rows, vectors.dim}, vectors.values), found, table);
}

Transfer take_weights(const ModelFile& file, ParameterStore& store,
                      const std::map<std::string, Rows>& tables) {
  Transfer transfer;
  for (const Parameter& p : store.parameters()) {
    const safetensors::Entry* entry = file.arrays().find(p.name);
    const Shape& shape = p.leaf->value.shape();
    if (entry == nullptr) {
      transfer.missing.push_back(p.name);
    } else if (const auto table = tables.find(p.name);
               table != tables.end() && entry->shape.size() == 2 && entry->shape[1] == shape[1]) {
      copy_rows(file.tensor(*entry), table->second, p.leaf->value);
      transfer.tokens += static_cast<std::int64_t>(table->second.size());
      transfer.taken.push_back(p.name);
    } else if (entry->shape == shape && table == tables.end()) {
      store.set(p.name, file.tensor(*entry));
      transfer.taken.push_back(p.name);
    } else {
      transfer.misshapen.push_back(p.name);
    }
  }
  for (const safetensors::Entry& entry : file.arrays().entries())
    if (store.find(entry.name) == nullptr && !file.is_scale(entry)) transfer.unused.push_back(entry.name);
  return transfer;
}

Transfer Sequential::init_from(const std::filesystem::path& path) {
  Impl& m = *impl_;
  m.live("init_from()");
  refuse_in_inference_mode("init_from()");
  m.weight_type = WeightType::f32;
  const ModelFile file(path);
  return take_weights(file, *m.network->store(), matched_tables(m, file));
}

}  // namespace rondo
