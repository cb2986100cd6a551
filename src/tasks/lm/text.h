/// Documents of running text as a Dataset's source.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/data.h>

#include "base/spool.h"

namespace rondo::lm {

/// Stretches of one block of text, in order.
class RunningText final : public data::Source {
 public:
  struct Document {
    std::size_t begin, end;   ///< bytes of the block
    std::int32_t label = -1;  ///< its place among the labels; -1: none
  };

  RunningText(std::shared_ptr<const Spool> block, std::vector<Document> documents,
              std::vector<std::string> labels = {})
      : block_(std::move(block)), documents_(std::move(documents)), labels_(std::move(labels)) {}

  std::string_view document(std::size_t place) const {
    const Document& at = documents_[place];
    return block_->bytes().substr(at.begin, at.end - at.begin);
  }
  const std::vector<Document>& documents() const noexcept { return documents_; }
  const std::shared_ptr<const Spool>& block() const noexcept { return block_; }
  /// In alphabetical order; empty where documents have none.
  const std::vector<std::string>& labels() const noexcept { return labels_; }

  std::size_t size() const override { return documents_.size(); }
  std::int32_t length(std::size_t place) const override;
  std::uint64_t content(std::size_t place) const override;

 private:
  std::shared_ptr<const Spool> block_;
  std::vector<Document> documents_;
  std::vector<std::string> labels_;
};

/// The documents of a dataset, in its order.
std::vector<std::string_view> documents_in(const Dataset& text);
/// The labels of its documents; empty without.
std::vector<std::string> labels_in(const Dataset& text);

}  // namespace rondo::lm
