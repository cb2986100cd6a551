#include <algorithm>
#include <unordered_map>

#include "base/message.h"
#include "model/layers/kind.h"

namespace rondo {
namespace {

using namespace streaming;

/// A table of rows in its type.
class SmallTable {
 public:
  /// A table of no width.
  SmallTable(WeightType type, const Tensor* table) : type_(type) {
    if (table == nullptr) return;
    width_ = table->columns();
    const std::span<const float> numbers = table->data<float>();
    if (type == WeightType::f32) wide_.assign(numbers.begin(), numbers.end());
    if (type == WeightType::bf16)
      for (const float number : numbers)
        halves_.push_back(to_bf16(number));
    if (has_8_bits(type)) bytes_ = to_int8(table->rows(), width_, numbers.data());
  }
  Index width() const noexcept { return width_; }

  void copy_row(Index row, float* to) const {
    const Index from = row * width_;
    if (type_ == WeightType::f32) std::copy_n(wide_.data() + from, width_, to);
    if (type_ == WeightType::bf16)
      std::transform(halves_.data() + from, halves_.data() + from + width_, to, from_bf16);
    if (!has_8_bits(type_)) return;
    const float scale = bytes_.scales[static_cast<std::size_t>(row)];
    std::transform(bytes_.numbers.data() + from, bytes_.numbers.data() + from + width_, to,
                   [scale](std::int8_t number) { return scale * static_cast<float>(number); });
  }

 private:
  WeightType type_;
  Index width_ = 0;
  std::vector<float> wide_;
  std::vector<std::uint16_t> halves_;
  Int8Matrix bytes_;
};

/// Token numbers to rows; with bigrams, (previous token, token) to rows beside them. Remembers the previous
/// token, plus one, if there are bigrams.
class EmbeddingStep final : public Step {
 public:
  EmbeddingStep(SmallTable tokens, SmallTable bigrams, const TextEncoder& encoder)
      : Step(tokens.width() + bigrams.width(), encoder.bigram_count() > 0 ? 1 : 0),
        tokens_(std::move(tokens)),
        bigrams_(std::move(bigrams)) {
    // 0 stands for all pairs that are not kept.
    for (std::int32_t i = 1; i < encoder.bigram_count(); ++i)
      numbers_.emplace(key_of(encoder.bigram(i).first, encoder.bigram(i).second), i);
  }

  const float* run(const Moment& now) const override {
    for (Index row = 0; row < now.rows; ++row) {
      float* const y = now.y + row * width();
      tokens_.copy_row(now.ids[row], y);
      if (bigrams_.width() == 0) continue;
      const auto previous = static_cast<std::int32_t>(now.before[row * now.state_stride]) - 1;
      const auto found = numbers_.find(key_of(previous, now.ids[row]));
      bigrams_.copy_row(found == numbers_.end() ? 0 : found->second, y + tokens_.width());
      now.after[row * now.state_stride] = static_cast<float>(now.ids[row] + 1);
    }
    return now.y;
  }

 private:
  /// previous: -1 at the start.
  static std::uint64_t key_of(std::int32_t previous, std::int32_t token) {
    return std::uint64_t{static_cast<std::uint32_t>(previous + 1)} << 32 | static_cast<std::uint32_t>(token);
  }
  SmallTable tokens_, bigrams_;
  std::unordered_map<std::uint64_t, Index> numbers_;
};

class EmbeddingKind final : public HeadlessKind<layers::Embedding> {
 public:
  Signature output(const layers::Embedding& layer, const Place& place) const override {
    if (place.in.kind != Signature::Kind::ids)
      misplaced(giver(place, layer), "token numbers", place.in, "put Tokens in front of it");
    if (layer.vocab > 0 && place.vocab > layer.vocab)
      fail(ErrorKind::shape, giver(place, layer) + " has vocab = " + std::to_string(layer.vocab) +
                                 ", got a vocabulary of " + std::to_string(place.vocab) + " from " +
                                 place.in.giver + "; leave vocab out and it is taken from there");
    const int beside = !place.in.bigrams ? 0 : layer.bigram_dim > 0 ? layer.bigram_dim : int{layer.dim};
    return {Signature::Kind::steps, layer.dim + beside, false,
            giver(place, layer, beside > 0 ? "tokens and bigrams side by side" : "")};
  }

  Transform live(const layers::Embedding& layer, const Place& place, const Scope& scope) const override {
    layers::Embedding options = layer;
    if (options.vocab == 0) options.vocab = place.vocab;
    const nn::Embedding module(scope, options, place.in.bigrams ? place.bigrams : 0);
    return [module](const Flow& in) -> Flow { return module(std::get<Ids>(in)); };
  }

  void add_steps(const layers::Embedding&, streaming::Builder& stream) const override {
    const WeightType type = stream.setting().type;
    const Tensor* const tokens = stream.find("weight");
    stream.limit_ids(tokens->rows());
    stream.push(std::make_unique<EmbeddingStep>(
        SmallTable(type, tokens), SmallTable(type, stream.find("bigram_weight")), stream.encoder()));
  }
};

}  // namespace

const LayerKind<layers::Embedding>& kind_of(const layers::Embedding&) {
  static const EmbeddingKind kind;
  return kind;
}

}  // namespace rondo
