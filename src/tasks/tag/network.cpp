#include "tasks/tag/network.h"

#include <algorithm>
#include <string>
#include <utility>

#include "tasks/tag/forms.h"

namespace rondo::tag {
namespace {

/// As good as impossible, and finite: sums with it stay numbers.
constexpr float never = -1e9F;
/// Rows of a batch where nothing is learned: enough for the kernels, and little memory.
constexpr int rows_at_once = 4096;
constexpr int shape_dim = 8, lexicon_dim = 8;

Var table(const Scope& in, std::string_view name, std::int64_t rows, int columns, float scale) {
  return in.parameter(name, {rows, columns}, {.kind = Initializer::uniform, .scale = scale}, true);
}

template <class L>
L layer_of(const TagNetworkOptions& o) {
  L layer{.units = o.units};
  layer.layers = o.layers;
  layer.bidirectional = true;
  layer.return_sequences = true;
  layer.dropout = o.layers > 1 ? o.dropout : 0;
  return layer;
}

nn::RecurrentLayers recurrent(const Scope& in, int input, const TagNetworkOptions& o) {
  switch (o.cell) {
    case RecurrentKind::lstm:
      return {in, input, layer_of<layers::LSTM>(o)};
    case RecurrentKind::gru:
      return {in, input, layer_of<layers::GRU>(o)};
    case RecurrentKind::simple_rnn:
      return {in, input, layer_of<layers::SimpleRNN>(o)};
    case RecurrentKind::residual:
      return {in, input, layer_of<layers::ResidualRecurrence>(o)};
    case RecurrentKind::linear:
      return {in, input, layer_of<layers::LinearRecurrence>(o)};
  }
  throw Bug("tagger: unknown cell");
}

/// How often a token of each number becomes unknown in training: rarer ones more often.
std::vector<float> rates_of(const Vocab& vocab, float p) {
  std::vector<float> rates(static_cast<std::size_t>(vocab.size()), 0);
  for (std::int32_t i = 1; i < vocab.size() && p > 0; ++i)
    rates[static_cast<std::size_t>(i)] = p / (p + static_cast<float>(vocab.count(i)));
  return rates;
}

/// The scores with `never` where a tag may not stand.
Sequences within(const Sequences& scores, const std::vector<std::uint8_t>& allowed) {
  if (allowed.empty()) return scores;
  Tensor bounded = scores.rows().value().clone();
  const std::span<float> numbers = bounded.data<float>();
  for (std::size_t i = 0; i < allowed.size(); ++i)
    if (allowed[i] == 0) numbers[i] = never;
  return {Var(bounded), scores.layout()};
}

/// 1 for each row of a sequence that counts; empty where all do.
Tensor row_weights(const TagBatch& batch, DType type) {
  Tensor weights = Tensor::zeros({batch.layout->rows()}, DType::f32);
  const std::span<float> numbers = weights.data<float>();
  for (std::size_t k = 0; k < batch.counts.size(); ++k)
    for (std::int64_t t = 0; t < batch.layout->length(static_cast<std::int64_t>(k)); ++t)
      numbers[static_cast<std::size_t>(batch.layout->row(static_cast<std::int64_t>(k), t))] = batch.counts[k];
  return weights.to(type);
}

/// Numbers of the steps `offset` away; `outside` where the sentence has none.
Tensor shifted(const Tensor& ids, const Layout& layout, std::int64_t offset, std::int32_t outside) {
  if (offset == 0) return ids;
  Tensor moved = Tensor::full(ids.shape(), outside, DType::i32);
  const std::span<const std::int32_t> from = ids.data<std::int32_t>();
  const std::span<std::int32_t> to = moved.data<std::int32_t>();
  for (std::int64_t k = 0; k < layout.sequences(); ++k)
    for (std::int64_t t = std::max<std::int64_t>(0, -offset);
         t < std::min(layout.length(k), layout.length(k) - offset); ++t)
      to[static_cast<std::size_t>(layout.row(k, t))] =
          from[static_cast<std::size_t>(layout.row(k, t + offset))];
  return moved;
}

std::vector<std::vector<std::int32_t>> by_sequence(const Tensor& rows, const Layout& layout) {
  std::vector<std::vector<std::int32_t>> lists(static_cast<std::size_t>(layout.sequences()));
  const std::span<const std::int32_t> numbers = rows.data<std::int32_t>();
  for (std::size_t k = 0; k < lists.size(); ++k)
    for (std::int64_t t = 0; t < layout.length(static_cast<std::int64_t>(k)); ++t)
      lists[k].push_back(numbers[static_cast<std::size_t>(layout.row(static_cast<std::int64_t>(k), t))]);
  return lists;
}

}  // namespace

TagNet::TagNet(const Scope& in, const TaggerInput& input, const TaggerOptions& options)
    : options_(options.network),
      crf_head_(options_.head != TagHead::softmax),
      tokens_(table(in, "tokens", input.tokens.size(), options_.embedding, 0.1F)),
      token_rates_(rates_of(input.tokens, options_.token_dropout)),
      token_key_(in.key("tokens")),
      before_key_(in.key("before")),
      after_key_(in.key("after")),
      spell_key_(in.key("spelling")),
      in_key_(in.key("in")),
      out_key_(in.key("out")) {
  int width = options_.embedding;
  if (!input.bigrams->pairs().empty()) {
    const auto pairs = static_cast<std::int64_t>(input.bigrams->pairs().size()) + 1;
    pairs_ = table(in, "bigrams", pairs, options_.bigram_embedding, 0.1F);
    pair_rates_.assign(static_cast<std::size_t>(pairs), std::max(options_.bigram_dropout, 0.0F));
    width += 2 * options_.bigram_embedding;
  }
  if (input.shaped()) {
    shapes_ = in.parameter("shapes", {word_shapes, shape_dim}, {.kind = Initializer::uniform, .scale = 0.2F});
    width += shape_dim;
  }
  if (input.spells()) {
    characters_ = table(in, "characters", input.characters.size(), options_.spelling_embedding, 0.2F);
    spell_.emplace(in / "spell", options_.spelling_embedding,
                   layers::LSTM{.units = options_.spelling_units, .bidirectional = true});
    width += 2 * options_.spelling_units;
  }
  for (std::size_t c = 0; c < input.features.size(); ++c) {
    columns_.push_back(
        table(in, "column" + std::to_string(c), input.features[c].size(), options_.feature_embedding, 0.2F));
    width += options_.feature_embedding;
  }
  for (const char* name : {"lexicon_begins", "lexicon_ends", "lexicon_covers"}) {
    if (input.lexicon->empty()) break;
    lexicon_.push_back(in.parameter(name, {WordsHere::longest + 1, lexicon_dim},
                                    {.kind = Initializer::uniform, .scale = 0.2F}));
    width += lexicon_dim;
  }
  read_.emplace(recurrent(in / "read", width, options_));
  const auto tags = static_cast<int>(input.tags.size());
  rules_ = tag_rules(input.tagging.scheme, input.tags);
  if (crf_head_)
    crf_.emplace(in / "crf", 2 * options_.units, layers::CRF{.units = tags}, rules_);
  else
    softmax_.emplace(in / "tags", 2 * options_.units, layers::Dense{.units = tags});
  if (crf_) chain_ = crf_->chain();
  add_direct(in / "direct", input);
}

void TagNet::add_direct(const Scope& in, const TaggerInput& input) {
  const auto tags = static_cast<std::int64_t>(input.tags.size());
  const auto add = [&](std::int64_t channel, std::int64_t count, std::int64_t offset) {
    const std::string name = std::to_string(channel) + "_" + std::to_string(offset + options_.direct);
    const auto rows = static_cast<std::size_t>(count);
    std::vector<float> rates(rows + 1, std::max(options_.bigram_dropout, 0.0F));
    rates[rows] = 0;
    direct_.push_back({channel, offset,
                       in.parameter(name, {count + 1, tags}, {.kind = Initializer::zeros}, true),
                       std::move(rates), in.key(name)});
  };
  if (options_.direct <= 0) return;
  for (std::int64_t offset = -options_.direct; offset <= options_.direct; ++offset) {
    add(0, input.tokens.size(), offset);
    for (std::size_t c = 0; c < input.features.size(); ++c)
      add(3 + static_cast<std::int64_t>(c), input.features[c].size(), offset);
  }
  if (input.bigrams->pairs().empty()) return;
  for (const std::int64_t channel : {1, 2})
    add(channel, static_cast<std::int64_t>(input.bigrams->pairs().size()) + 1, 0);
}

Var TagNet::with_direct(const Var& scores, const TagBatch& batch) const {
  Var sum = scores;
  for (const Direct& d : direct_) {
    const Tensor& ids = d.channel == 0   ? batch.tokens.tokens()
                        : d.channel == 1 ? batch.before
                        : d.channel == 2 ? batch.after
                                         : batch.features[static_cast<std::size_t>(d.channel - 3)];
    const Tensor there = shifted(ids, *batch.layout, d.offset, static_cast<std::int32_t>(d.table.rows() - 1));
    sum = sum + embedding(d.table, drop_ids(there, d.rates, d.key));
  }
  return sum;
}

Var TagNet::logits(const TagBatch& batch) const {
  const Var x = features(batch).rows();
  return with_direct(crf_ ? crf_->scores(x) : softmax_->logits(x), batch);
}

Sequences TagNet::dropped(const Sequences& x, std::uint64_t key) const {
  const float rate = std::max(options_.dropout, 0.0F);
  return options_.variational ? dropout_sequences(x, rate, key) : dropout(x, rate, key);
}

/// What the characters of each row's word say, [rows, 2 · spelling units].
Var TagNet::spelled(const TagBatch& batch) const {
  const Var x = dropout(embedding(characters_, batch.spellings.tokens()),
                        std::max(options_.dropout, 0.0F) / 2, spell_key_);
  return select_rows(spell_->last(Sequences(x, batch.spellings.layout())), batch.spelling_of_rows);
}

Sequences TagNet::features(const TagBatch& batch) const {
  std::vector<Var> parts = {embedding(tokens_, drop_ids(batch.tokens.tokens(), token_rates_, token_key_))};
  if (pairs_.defined()) {
    parts.push_back(embedding(pairs_, drop_ids(batch.before, pair_rates_, before_key_)));
    parts.push_back(embedding(pairs_, drop_ids(batch.after, pair_rates_, after_key_)));
  }
  if (shapes_.defined()) parts.push_back(embedding(shapes_, batch.shapes));
  if (spell_) parts.push_back(spelled(batch));
  for (std::size_t c = 0; c < columns_.size(); ++c)
    parts.push_back(embedding(columns_[c], batch.features[c]));
  for (std::size_t c = 0; c < lexicon_.size(); ++c)
    parts.push_back(embedding(lexicon_[c], batch.lexicon[c]));
  const Sequences x(parts.size() == 1 ? parts[0] : concat(parts), batch.layout);
  return dropped((*read_)(dropped(x, in_key_)), out_key_);
}

Sequences TagNet::outputs(const TagBatch& batch) const {
  const Var scores = logits(batch);
  return {crf_ ? scores : log_softmax(scores), batch.layout};
}

BatchLoss TagNet::loss(const TagBatch& batch) const {
  const Sequences scores(logits(batch), batch.layout);
  const DType type = scores.rows().dtype();
  const bool all = std::all_of(batch.counts.begin(), batch.counts.end(), [](auto c) { return c != 0; });
  double weight = 0;
  for (std::size_t k = 0; k < batch.counts.size(); ++k)
    weight += batch.counts[k] * static_cast<double>(batch.layout->length(static_cast<std::int64_t>(k)));
  const auto of = [&](const Var& loss) {
    return BatchLoss{.loss = loss, .weight = weight, .rows = batch.layout->rows()};
  };
  if (!crf_) {
    CrossEntropyOptions options;
    if (!all) options.sample_weights = row_weights(batch, type);
    return of(cross_entropy(scores.rows(), batch.tags, options));
  }
  if (all) return of(crf_->loss(scores, batch.tags));
  // Tags that no rule allows cannot be scored: any that are allowed take their place, and weigh nothing.
  const auto tags = static_cast<std::int64_t>(scores.features());
  const Tensor any =
      crf_tags({Var(Tensor::zeros({batch.layout->rows(), tags}, type)), batch.layout}, {}, rules_);
  Tensor given = batch.tags.clone();
  const Tensor counted = row_weights(batch, DType::f32);
  for (std::size_t i = 0; i < static_cast<std::size_t>(given.size()); ++i)
    if (counted.data<float>()[i] == 0) given.data<std::int32_t>()[i] = any.data<std::int32_t>()[i];
  const std::vector<float> weights(batch.counts.begin(), batch.counts.end());
  return of(crf_->loss(scores, given, Tensor::of({std::ssize(weights)}, weights).to(type)));
}

Tensor TagNet::decode(const Sequences& scores, const TagBatch& batch) const {
  return crf_tags(within(scores, batch.allowed), chain_, rules_);
}

Tensor TagNet::marginals(const TagBatch& batch) const {
  return crf_marginals(within(outputs(batch), batch.allowed), chain_, rules_);
}

std::vector<std::vector<std::int32_t>> TagNet::predict(const TagBatch& batch) const {
  return by_sequence(decode(outputs(batch), batch), *batch.layout);
}

std::vector<std::vector<std::int32_t>> predict_all(const Model<TagNet>& model,
                                                   std::span<const TaggedSentence* const> sentences) {
  std::vector<std::vector<std::int32_t>> answers(sentences.size());
  if (sentences.empty()) return answers;
  const InferenceMode constant;
  const EncodedSentences encoded = model.input().encode(sentences);
  std::vector<std::int32_t> lengths;
  for (const TaggedSentence* const sentence : sentences)
    lengths.push_back(static_cast<std::int32_t>(sentence->tokens.size()));
  const data::BatchPlan plan(std::move(lengths), {.rows = rows_at_once});
  const data::EpochPlan batches = plan.in_order();
  for (std::size_t b = 0; b < batches.size(); ++b) {
    const TagBatch batch = model.input().pack(encoded, batches.examples(b));
    std::vector<std::vector<std::int32_t>> tags = model->predict(batch);
    for (std::size_t k = 0; k < tags.size(); ++k)
      answers[batch.examples[k]] = std::move(tags[k]);
  }
  return answers;
}

}  // namespace rondo::tag
