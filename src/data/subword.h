/// Subwords: pieces of words learned from text (Kudo 2018, unigram model). SentencePiece does the work, in a
/// plug-in that is opened on first use.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rondo {

/// Whether the plug-in can be opened.
bool subwords_available();

/// A learned model. Immutable; may be used from several threads.
class SubwordModel {
 public:
  /// Learns at most `pieces` pieces from normalised texts; of more than 10 MB it takes a sample drawn by
  /// `seed`. Throws Error(option) when the plug-in is missing or `pieces` are too few for the characters.
  static std::shared_ptr<const SubwordModel> train(std::span<const std::string> texts, int pieces,
                                                   std::uint64_t seed);
  /// Error(format) for bytes that are not a model.
  static std::shared_ptr<const SubwordModel> load(std::string bytes);
  ~SubwordModel();
  SubwordModel(const SubwordModel&) = delete;
  SubwordModel& operator=(const SubwordModel&) = delete;

  const std::string& bytes() const noexcept { return bytes_; }
  std::vector<std::string> pieces() const;
  std::vector<std::int32_t> encode(std::string_view text) const;
  std::string decode(std::span<const std::int32_t> ids) const;

 private:
  SubwordModel(std::string bytes, void* loaded) : bytes_(std::move(bytes)), loaded_(loaded) {}
  std::string bytes_;
  void* loaded_;
};

/// Texts in pieces of at most `limit` bytes (the trainer skips longer ones without a word), cut after a
/// space where there is one, never inside a character.
std::vector<std::string_view> in_pieces(std::string_view text, std::size_t limit);

}  // namespace rondo
