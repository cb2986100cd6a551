#include "tasks/lm/chunks.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/bytes.h"
#include "base/json.h"
#include "base/message.h"
#include "base/random.h"
#include "tasks/lm/text.h"

namespace rondo::lm {
namespace {

constexpr std::int32_t border = TextUnits::border;
/// Tokens of a chunk where nothing is learned: states are carried, so results do not depend on it.
constexpr std::int64_t chunk_in_order = 256;
/// Documents are encoded in stretches, so that the tokens of a long one never stand in memory at once.
constexpr std::size_t stretch = std::size_t{1} << 20;

/// Where to cut a document near `at`: behind a line end, so that tokens come out as in the whole.
std::size_t cut_near(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

/// A batch of the positions [begin, end) of each piece, which come longest first.
ChunkBatch packed(const TokenList& tokens, const std::vector<Piece>& pieces) {
  std::vector<std::int32_t> lengths;
  lengths.reserve(pieces.size());
  for (const Piece& piece : pieces)
    lengths.push_back(static_cast<std::int32_t>(piece.end - piece.begin));
  ChunkBatch batch{.layout = Layout::of(lengths)};
  const Layout& layout = *batch.layout;
  Tensor before = Tensor::uninitialised({layout.rows()}, DType::i32),
         after = Tensor::uninitialised({layout.rows()}, DType::i32);
  const auto reads = before.data<std::int32_t>(), wanted = after.data<std::int32_t>();
  for (std::size_t k = 0; k < pieces.size(); ++k) {
    for (std::int64_t i = pieces[k].begin; i < pieces[k].end; ++i) {
      const auto row =
          static_cast<std::size_t>(layout.row(static_cast<std::int64_t>(k), i - pieces[k].begin));
      reads[row] = tokens[i - 1];
      wanted[row] = tokens[i];
    }
  }
  for (std::size_t k = 0; k < pieces.size() && tokens.has_labels(); ++k)
    batch.labels.push_back(tokens.label_at(pieces[k].begin));
  batch.before = Ids(before, batch.layout);
  batch.after = after;
  return batch;
}

}  // namespace

void TokenList::add(std::int32_t token) {
  const std::size_t at = pending_.size();
  pending_.resize(at + (wide_ ? 4 : 2));
  if (wide_)
    store_little_endian(static_cast<std::uint32_t>(token), pending_.data() + at);
  else
    store_little_endian(static_cast<std::uint16_t>(token), pending_.data() + at);
  ++size_;
  if (pending_.size() >= stretch) bytes_.append(std::exchange(pending_, {}));
}

void TokenList::finish() {
  bytes_.append(std::exchange(pending_, {}));
  bytes_.finish();
}

std::int32_t TokenList::operator[](std::int64_t at) const {
  const char* const bytes = bytes_.bytes().data();
  return wide_ ? static_cast<std::int32_t>(load_little_endian<std::uint32_t>(bytes + 4 * at))
               : static_cast<std::int32_t>(load_little_endian<std::uint16_t>(bytes + 2 * at));
}

std::int32_t TokenList::label_at(std::int64_t position) const {
  const auto behind = std::upper_bound(
      labels_.begin(), labels_.end(), position,
      [](std::int64_t at, const std::pair<std::int64_t, std::int32_t>& label) { return at < label.first; });
  return behind == labels_.begin() ? -1 : std::prev(behind)->second;
}

std::int32_t TextInput::label_number(std::string_view label) const {
  if (label.empty()) return -1;
  const auto found = std::find(labels.begin(), labels.end(), label);
  if (found != labels.end()) return static_cast<std::int32_t>(found - labels.begin());
  fail(ErrorKind::option, "label: " +
                              (labels.empty() ? "the model was trained without labels"
                                              : "the model knows " + enumerate(labels, "and")) +
                              "; got " + quote(std::string(label)));
}

namespace {

/// The model's number of each label of a text.
std::vector<std::int32_t> numbers_of_labels(const Dataset& text, const TextInput& input) {
  std::vector<std::int32_t> numbers;
  for (const std::string& label : labels_in(text)) {
    const auto found = std::find(input.labels.begin(), input.labels.end(), label);
    if (found == input.labels.end() && !input.labels.empty())
      fail(ErrorKind::data, "the text has the label " + quote(label) +
                                ", which the model does not know; it knows " +
                                enumerate(input.labels, "and"));
    numbers.push_back(input.labels.empty() ? -1 : static_cast<std::int32_t>(found - input.labels.begin()));
  }
  return numbers;
}

}  // namespace

std::shared_ptr<const TokenList> tokens_of(const Dataset& text, const TextInput& input) {
  const TextUnits& units = input.units;
  const std::vector<std::int32_t> labels = numbers_of_labels(text, input);
  const auto tokens =
      std::make_shared<TokenList>(units.vocab().size() > std::numeric_limits<std::uint16_t>::max());
  const std::vector<std::string_view> documents = documents_in(text);
  tokens->add(border);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const std::string_view document = documents[i];
    if (!labels.empty()) {
      const auto& source = text.source_as<RunningText>();
      const std::int32_t own = source.documents()[text.place(i)].label;
      tokens->begin_label(own < 0 ? -1 : labels[static_cast<std::size_t>(own)]);
    }
    for (std::size_t at = 0; at < document.size();) {
      const std::size_t end = cut_near(document, std::min(document.size(), at + stretch));
      for (const std::int32_t token : units.encode(document.substr(at, end - at)))
        tokens->add(token);
      at = end;
    }
    if (input.several) tokens->add(border);
  }
  tokens->finish();
  if (!text.empty()) text.source_as<RunningText>().block()->forget();
  return tokens;
}

ChunkWalk::ChunkWalk(std::shared_ptr<const TokenList> tokens, std::int64_t streams, std::int64_t chunk,
                     std::int64_t first_chunk)
    : tokens_(std::move(tokens)), streams_(streams), chunk_(chunk), first_(first_chunk) {}

std::size_t ChunkWalk::size() const noexcept {
  const std::int64_t longest = (tokens_->size() - 1 + streams_ - 1) / streams_;
  if (longest <= 0) return 0;
  return static_cast<std::size_t>(longest <= first_ ? 1 : 1 + (longest - first_ + chunk_ - 1) / chunk_);
}

std::vector<Piece> ChunkWalk::pieces(std::size_t number) const {
  const std::int64_t targets = tokens_->size() - 1;
  const auto chunk = static_cast<std::int64_t>(number);
  const std::int64_t offset = chunk == 0 ? 0 : first_ + (chunk - 1) * chunk_;
  const std::int64_t length = chunk == 0 ? first_ : chunk_;
  std::vector<Piece> pieces;
  for (std::int64_t stream = 0; stream < streams_; ++stream) {
    const std::int64_t begin = 1 + targets * stream / streams_, end = 1 + targets * (stream + 1) / streams_;
    const std::int64_t last = std::min(end, begin + offset + length);
    bool carried = chunk > 0;
    for (std::int64_t at = begin + offset; at < last;) {
      std::int64_t stop = at + 1;
      while (stop < last && (*tokens_)[stop - 1] != border)
        ++stop;
      const bool fresh = (*tokens_)[at - 1] == border;
      pieces.push_back({at, stop, static_cast<std::int32_t>(stream), carried && !fresh});
      carried = false;
      at = stop;
    }
  }
  std::stable_sort(pieces.begin(), pieces.end(),
                   [](const Piece& a, const Piece& b) { return a.end - a.begin > b.end - b.begin; });
  return pieces;
}

ChunkBatch ChunkWalk::batch(std::size_t number) const {
  const std::vector<Piece> of = pieces(number);
  ChunkBatch batch = packed(*tokens_, of);
  batch.to.assign(static_cast<std::size_t>(streams_), -1);
  std::vector<std::int64_t> ends(batch.to.size(), 0);
  for (std::size_t k = 0; k < of.size(); ++k) {
    const auto stream = static_cast<std::size_t>(of[k].stream);
    batch.from.push_back(of[k].carried ? of[k].stream : -1);
    if (of[k].end > ends[stream]) {
      ends[stream] = of[k].end;
      batch.to[stream] = static_cast<std::int32_t>(k);
    }
  }
  return batch;
}

DocumentWalk::DocumentWalk(std::shared_ptr<const TokenList> tokens,
                           std::shared_ptr<const std::vector<std::int64_t>> begins, data::EpochPlan plan)
    : tokens_(std::move(tokens)), begins_(std::move(begins)), plan_(std::move(plan)) {}

ChunkBatch DocumentWalk::batch(std::size_t number) const {
  std::vector<Piece> pieces;
  for (const std::size_t document : plan_.examples(number))
    pieces.push_back({(*begins_)[document], (*begins_)[document + 1], 0, false});
  ChunkBatch batch = packed(*tokens_, pieces);
  batch.from.assign(pieces.size(), -1);
  const auto documents = plan_.examples(number);
  batch.examples.assign(documents.begin(), documents.end());
  return batch;
}

TextBatches::TextBatches(std::shared_ptr<const TokenList> tokens, int chunk, data::BatchOptions options,
                         std::uint64_t seed)
    : tokens_(std::move(tokens)), chunk_(chunk), streams_(options.batch_size), seed_(seed) {
  const std::int64_t targets = tokens_->size() - 1;
  if (chunk_ > 0) {
    streams_ = std::clamp<std::int64_t>(targets / chunk_, 1, streams_);
    return;
  }
  auto begins = std::make_shared<std::vector<std::int64_t>>(1, 1);
  for (std::int64_t i = 1; i <= targets; ++i)
    if ((*tokens_)[i] == border) begins->push_back(i + 1);
  if (begins->back() != targets + 1) begins->push_back(targets + 1);  // one document has no border behind it
  std::vector<std::int32_t> lengths;
  for (std::size_t i = 0; i + 1 < begins->size(); ++i)
    lengths.push_back(static_cast<std::int32_t>((*begins)[i + 1] - (*begins)[i]));
  plan_ = std::make_shared<const data::BatchPlan>(std::move(lengths), options, seed);
  begins_ = std::move(begins);
}

TextEpoch TextBatches::epoch(std::int64_t number) const {
  if (plan_) return TextEpoch(DocumentWalk(tokens_, begins_, plan_->epoch(number)));
  const auto shift = static_cast<std::int64_t>(
      mix(mix(seed_, hash_of("chunk borders")), static_cast<std::uint64_t>(number)) %
      static_cast<std::uint64_t>(chunk_));
  return TextEpoch(ChunkWalk(tokens_, streams_, chunk_, chunk_ - shift));
}

TextEpoch TextBatches::in_order() const {
  if (plan_) return TextEpoch(DocumentWalk(tokens_, begins_, plan_->in_order()));
  return TextEpoch(ChunkWalk(tokens_, 1, chunk_in_order, chunk_in_order));
}

std::string TextInput::to_json() const {
  return dump_json({{"units", parse_json(units.to_json(), {.name = "text units", .size_cap = 100'000'000})},
                    {"chunk", chunk},
                    {"several", several},
                    {"labels", labels}});
}

TextInput TextInput::from_json(std::string_view text) {
  const Json json = parse_json(text, {.name = "language model", .size_cap = 100'000'000});
  const bool fits = json.is_object() && json.contains("units") && json.contains("chunk") &&
                    json["chunk"].is_number_integer() && json["chunk"] >= 0 && json["chunk"] <= (1 << 20) &&
                    json.contains("several") && json["several"].is_boolean();
  if (!fits)
    fail(ErrorKind::format,
         "language model: wanted an object with 'units', a whole number as 'chunk', and 'several'");
  std::vector<std::string> labels;
  if (json.contains("labels")) {
    if (!json["labels"].is_array()) fail(ErrorKind::format, "language model: 'labels' wants a list");
    for (const Json& label : json["labels"]) {
      if (!label.is_string()) fail(ErrorKind::format, "language model: 'labels' wants texts");
      labels.push_back(label.get<std::string>());
    }
  }
  return {TextUnits::from_json(dump_json(json["units"])), json["chunk"].get<int>(),
          json["several"].get<bool>(), std::move(labels)};
}

}  // namespace rondo::lm
