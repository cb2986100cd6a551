#include "data/subword.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include <rondo/error.h>

#include "base/message.h"
#include "base/plugin.h"
#include "base/random.h"
#include "base/utf8.h"
#include "data/subword_plugin/interface.h"

namespace rondo {
namespace {

constexpr std::size_t piece_limit = 4000, sample_limit = 10'000'000;
constexpr const char* plugin_name = "librondo_subword.so";

struct Subwords {
  const RondoSubwordInterface* interface = nullptr;
  std::string failure;  // why there is none
};

Subwords open_subwords() {
  Plugin opened = open_plugin(plugin_name, RONDO_SUBWORD_SYMBOL);
  if (opened.symbol == nullptr) return {nullptr, std::move(opened.failure)};
  const auto* const interface = reinterpret_cast<decltype(&rondo_subword_interface)>(opened.symbol)();
  if (interface->version != RONDO_SUBWORD_VERSION) return {nullptr, "belongs to another version of rondo"};
  return {interface, {}};
}

/// Opened once, never closed: a model may live until the program ends.
const Subwords& plugin() {
  static const Subwords opened = open_subwords();
  return opened;
}

const RondoSubwordInterface& required_plugin() {
  if (plugin().interface == nullptr)
    fail(ErrorKind::option,
         std::string("tokenizer 'subwords' needs ") + plugin_name + ", which " + plugin().failure +
             "; a rondo built with SentencePiece (libsentencepiece-dev) has it: copy it beside the program, "
             "name its folder in RONDO_PLUGIN_PATH, or use 'words'");
  return *plugin().interface;
}

void take_bytes(void* to, const char* bytes, std::size_t size) {
  static_cast<std::string*>(to)->assign(bytes, size);
}

void take_ids(void* to, const std::int32_t* ids, std::size_t count) {
  static_cast<std::vector<std::int32_t>*>(to)->assign(ids, ids + count);
}

/// All texts, or a sample of about 10 MB, in order.
std::vector<RondoSubwordText> sample(std::span<const std::string> texts, std::uint64_t seed) {
  std::vector<std::uint32_t> chosen(texts.size());
  std::iota(chosen.begin(), chosen.end(), 0U);
  const std::size_t total =
      std::accumulate(texts.begin(), texts.end(), std::size_t{0},
                      [](std::size_t sum, const auto& text) { return sum + text.size(); });
  if (total > sample_limit) {
    chosen = permutation(static_cast<std::uint32_t>(texts.size()), seed, hash_of("subwords"));
    std::size_t size = 0, count = 0;
    while (count < chosen.size() && size + texts[chosen[count]].size() <= sample_limit)
      size += texts[chosen[count++]].size();
    chosen.resize(std::max<std::size_t>(count, 1));
    std::sort(chosen.begin(), chosen.end());
  }
  std::vector<RondoSubwordText> pieces;
  std::size_t left = sample_limit;
  for (const std::uint32_t text : chosen) {
    for (const std::string_view piece : in_pieces(texts[text], piece_limit)) {
      if (piece.size() > left) return pieces;
      left -= piece.size();
      pieces.push_back({piece.data(), piece.size()});
    }
  }
  return pieces;
}

/// Of an alphabet, each character becomes a piece: SentencePiece's usual 0.9995 would make the French of
/// Multi30k lose its e with diaeresis and its ligatures, and a translator could never write them. Of scripts
/// with thousands of characters, the rarest would take the place of words.
double coverage_for(std::span<const RondoSubwordText> texts, int pieces) {
  std::vector<bool> seen(0x110000);
  int kinds = 0;
  for (const RondoSubwordText& text : texts)
    for (const char32_t c : CodePoints({text.data, text.size})) {
      if (!seen[c]) ++kinds;
      seen[c] = true;
    }
  return kinds <= pieces / 8 ? 1 : 0.9995;
}

}  // namespace

bool subwords_available() {
  return plugin().interface != nullptr;
}

std::vector<std::string_view> in_pieces(std::string_view text, std::size_t limit) {
  std::vector<std::string_view> pieces;
  while (text.size() > limit) {
    std::size_t end = limit;
    while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
      --end;
    if (const std::size_t space = text.rfind(' ', end - 1); space != text.npos && space > 0) end = space + 1;
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  if (!text.empty()) pieces.push_back(text);
  return pieces;
}

std::shared_ptr<const SubwordModel> SubwordModel::train(std::span<const std::string> texts, int pieces,
                                                        std::uint64_t seed) {
  const std::vector<RondoSubwordText> sampled = sample(texts, seed);
  if (sampled.empty()) fail(ErrorKind::data, "subwords: all texts are empty; there is nothing to learn from");
  std::string model;
  std::array<char, 512> reason{};
  if (!required_plugin().train(sampled.data(), sampled.size(), pieces, coverage_for(sampled, pieces),
                               static_cast<std::uint32_t>(seed), take_bytes, &model, reason.data(),
                               reason.size()))
    fail(ErrorKind::option,
         "subwords: no " + std::to_string(pieces) + " pieces could be learned: " + reason.data());
  return load(std::move(model));
}

std::shared_ptr<const SubwordModel> SubwordModel::load(std::string bytes) {
  std::array<char, 512> reason{};
  void* loaded = required_plugin().load({bytes.data(), bytes.size()}, reason.data(), reason.size());
  if (loaded == nullptr)
    fail(ErrorKind::format, std::string("subwords: the model's bytes are damaged: ") + reason.data());
  return std::shared_ptr<const SubwordModel>(new SubwordModel(std::move(bytes), loaded));
}

SubwordModel::~SubwordModel() {
  required_plugin().unload(loaded_);
}

std::vector<std::string> SubwordModel::pieces() const {
  std::vector<std::string> all;
  const int count = required_plugin().size(loaded_);
  for (int id = 0; id < count; ++id)
    all.emplace_back(required_plugin().piece(loaded_, id));
  return all;
}

std::vector<std::int32_t> SubwordModel::encode(std::string_view text) const {
  std::vector<std::int32_t> ids;
  std::array<char, 512> reason{};
  if (!required_plugin().encode(loaded_, {text.data(), text.size()}, take_ids, &ids, reason.data(),
                                reason.size()))
    throw Bug(std::string("subwords: encoding failed: ") + reason.data());
  return ids;
}

std::string SubwordModel::decode(std::span<const std::int32_t> ids) const {
  std::string text;
  std::array<char, 512> reason{};
  if (!required_plugin().decode(loaded_, ids.data(), ids.size(), take_bytes, &text, reason.data(),
                                reason.size()))
    throw Bug(std::string("subwords: decoding failed: ") + reason.data());
  return text;
}

}  // namespace rondo
