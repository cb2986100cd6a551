#include <rondo/tensor.h>

#include "base/message.h"

namespace rondo {
namespace {

Tensor pack_rows(std::span<const std::vector<std::int32_t>> sequences, const Layout& layout) {
  Tensor result = Tensor::uninitialised({layout.rows()}, DType::i32);
  const auto rows = result.data<std::int32_t>();
  for (std::int64_t i = 0; i < layout.sequences(); ++i) {
    const auto& sequence = sequences[static_cast<std::size_t>(layout.order()[static_cast<std::size_t>(i)])];
    for (std::int64_t step = 0; step < layout.length(i); ++step)
      rows[static_cast<std::size_t>(layout.row(i, step))] = sequence[static_cast<std::size_t>(step)];
  }
  return result;
}

void check_channel(const char* name, const Tensor& ids, std::int64_t rows) {
  if (ids.dtype() != DType::i32 || ids.shape() != Shape{rows})
    fail(ErrorKind::shape, "Ids: '" + std::string(name) + "' wanted i32 of " + to_string(Shape{rows}) +
                               " as the layout says, got " + std::string(name_of(ids.dtype())) + " of " +
                               to_string(ids.shape()));
}

}  // namespace

Ids Ids::pack(std::span<const std::vector<std::int32_t>> tokens,
              std::span<const std::vector<std::int32_t>> bigrams) {
  std::vector<std::int32_t> lengths;
  lengths.reserve(tokens.size());
  for (const auto& sequence : tokens)
    lengths.push_back(static_cast<std::int32_t>(sequence.size()));
  if (!bigrams.empty()) {
    bool fits = bigrams.size() == tokens.size();
    for (std::size_t i = 0; fits && i < tokens.size(); ++i)
      fits = bigrams[i].size() == tokens[i].size();
    if (!fits) fail(ErrorKind::shape, "Ids::pack: bigrams wanted as long as tokens, item by item");
  }
  auto layout = Layout::of(lengths);
  Tensor second = bigrams.empty() ? Tensor{} : pack_rows(bigrams, *layout);
  Tensor first = pack_rows(tokens, *layout);
  return Ids(std::move(first), std::move(layout), std::move(second));
}

Ids::Ids(Tensor tokens, std::shared_ptr<const Layout> layout, Tensor bigrams)
    : tokens_(std::move(tokens)), bigrams_(std::move(bigrams)), layout_(std::move(layout)) {
  if (!layout_) fail(ErrorKind::shape, "Ids wanted a layout, got none");
  check_channel("tokens", tokens_, layout_->rows());
  if (!bigrams_.empty()) check_channel("bigrams", bigrams_, layout_->rows());
}

}  // namespace rondo
