/// Running text as batches: streams side by side, cut into chunks, or short documents whole.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <rondo/tasks/lm.h>

#include "base/spool.h"

namespace rondo::lm {

/// Tokens of documents one after another, a border before the first and, where ends are learned, behind
/// each: [border] d1 [border] d2 [border]. Position i is predicted from position i - 1.
class TokenList {
 public:
  explicit TokenList(bool wide) : wide_(wide) {}

  /// What is added from here on is of this label.
  void begin_label(std::int32_t label) { labels_.emplace_back(size_, label); }
  /// Of the document that a position is part of; -1: none.
  std::int32_t label_at(std::int64_t position) const;
  bool has_labels() const noexcept { return !labels_.empty(); }

  void add(std::int32_t token);
  void finish();
  std::int64_t size() const noexcept { return size_; }
  std::int32_t operator[](std::int64_t at) const;

 private:
  bool wide_;  ///< four bytes a token; else two
  std::int64_t size_ = 0;
  std::string pending_;
  Spool bytes_;
  std::vector<std::pair<std::int64_t, std::int32_t>> labels_;  // by the position that they begin at
};

struct TextInput;
/// The tokens of all documents; where a model learns several, their ends are tokens, too. Error(data) for a
/// label that the model does not know.
std::shared_ptr<const TokenList> tokens_of(const Dataset& text, const TextInput& input);

/// Sequences of tokens and what follows each.
struct ChunkBatch {
  std::shared_ptr<const Layout> layout = {};
  Ids before = {};    ///< what is read
  Tensor after = {};  ///< i32 [rows]: what is to be predicted
  /// The label of each sequence; -1: none. Empty without labels.
  std::vector<std::int32_t> labels = {};
  /// The stream whose state each sequence goes on from; -1: from the start.
  std::vector<std::int32_t> from = {};
  /// The sequence that leaves each stream's state; -1: none. Empty where no state is carried.
  std::vector<std::int32_t> to = {};
  /// Which document each sequence is, where documents are learned whole.
  std::vector<std::size_t> examples = {};
};

/// Some positions [begin, end) that are predicted in one run.
struct Piece {
  std::int64_t begin, end;
  std::int32_t stream;
  bool carried;  ///< goes on from what its stream's last chunk left
};

/// One pass over the text.
class ChunkWalk {
 public:
  ChunkWalk(std::shared_ptr<const TokenList> tokens, std::int64_t streams, std::int64_t chunk,
            std::int64_t first_chunk);
  std::size_t size() const noexcept;
  ChunkBatch batch(std::size_t number) const;
  /// The positions of a batch, longest piece first, in the order of its sequences.
  std::vector<Piece> pieces(std::size_t number) const;

 private:
  std::shared_ptr<const TokenList> tokens_;
  std::int64_t streams_, chunk_, first_;
};

/// Whole documents, packed.
class DocumentWalk {
 public:
  DocumentWalk(std::shared_ptr<const TokenList> tokens,
               std::shared_ptr<const std::vector<std::int64_t>> begins, data::EpochPlan plan);
  std::size_t size() const noexcept { return plan_.size(); }
  ChunkBatch batch(std::size_t number) const;

 private:
  std::shared_ptr<const TokenList> tokens_;
  std::shared_ptr<const std::vector<std::int64_t>> begins_;
  data::EpochPlan plan_;
};

/// Either of them.
class TextEpoch {
 public:
  explicit TextEpoch(ChunkWalk walk) : walk_(std::move(walk)) {}
  explicit TextEpoch(DocumentWalk walk) : walk_(std::move(walk)) {}
  std::size_t size() const {
    return std::visit([](const auto& walk) { return walk.size(); }, walk_);
  }
  ChunkBatch batch(std::size_t number) const {
    return std::visit([number](const auto& walk) { return walk.batch(number); }, walk_);
  }

 private:
  std::variant<ChunkWalk, DocumentWalk> walk_;
};

/// What a fit and an evaluation walk through.
class TextBatches {
 public:
  /// `chunk` 0: whole documents. `streams`: at most so many side by side.
  TextBatches(std::shared_ptr<const TokenList> tokens, int chunk, data::BatchOptions options,
              std::uint64_t seed);
  /// Chunk borders lie elsewhere in each epoch; whole documents are shuffled.
  TextEpoch epoch(std::int64_t number) const;
  /// From the first token to the last, in one stream.
  TextEpoch in_order() const;

 private:
  std::shared_ptr<const TokenList> tokens_;
  std::shared_ptr<const std::vector<std::int64_t>> begins_;  // of whole documents
  std::shared_ptr<const data::BatchPlan> plan_;
  std::int64_t chunk_, streams_;
  std::uint64_t seed_;
};

/// The preprocessing of a language model, as Model<Net> asks for it.
struct TextInput {
  using Batch = ChunkBatch;

  TextUnits units;
  int chunk = 0;
  bool several = false;                  ///< documents, whose ends are part of what is learned
  std::vector<std::string> labels = {};  ///< that text is written for

  TextBatches batches(const Dataset& text, data::BatchOptions options, std::uint64_t seed) const {
    return {tokens_of(text, *this), chunk, options, seed};
  }
  /// The number of a label; -1 for none. Error(option) for one that is not known.
  std::int32_t label_number(std::string_view label) const;
  std::string to_json() const;
  static TextInput from_json(std::string_view json);
};

}  // namespace rondo::lm
