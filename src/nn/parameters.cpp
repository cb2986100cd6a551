#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include <rondo/error.h>
#include <rondo/nn.h>

#include "autograd/forms.h"
#include "autograd/visit.h"
#include "base/message.h"
#include "base/random.h"
#include "nn/initial_values.h"
#include "nn/values_of.h"
#include "runtime/buffers.h"

namespace rondo {
namespace {

/// Parameters start at multiples of this, so that every one of them is aligned to a cache line.
constexpr std::int64_t alignment = 16;
/// Numbers in the first block of memory; each further one is twice as large up to the limit, or as large as
/// it must be.
constexpr std::int64_t first_capacity = 1 << 14, largest_capacity = 1 << 22;

std::int64_t rounded_up(std::int64_t size) {
  return (size + alignment - 1) / alignment * alignment;
}

std::int64_t size_of(const Shape& shape) {
  std::int64_t size = 1;
  for (const std::int64_t n : shape)
    size *= n;
  return size;
}

/// Zeros that take no memory before they are touched: a model that only predicts never pays for its
/// gradients, nor a small one for the rest of its block.
Tensor zeros_for_later(std::int64_t size, DType type) {
  std::shared_ptr<void> memory = untouched_zeros(static_cast<std::size_t>(size) * size_of(type));
  return Tensor::view({size}, type, memory.get(), memory);
}

void copy_values(const Tensor& from, Tensor& to) {
  const Tensor same = from.to(to.dtype());
  visit_float(to.dtype(), "a parameter", [&]<class T>() {
    const std::span<const T> source = same.data<T>();
    std::copy(source.begin(), source.end(), to.data<T>().begin());
  });
}

}  // namespace

struct ParameterStore::Impl {
  /// Memory of which only the first part is in use.
  struct Block {
    Tensor values, gradients;
    std::int64_t capacity = 0, used = 0;
  };

  std::uint64_t seed = 1;
  Source source;
  bool complete = false;
  DType type = DType::f32;
  std::vector<Parameter> parameters;
  std::map<std::string, std::size_t, std::less<>> index;
  std::vector<Block> blocks;
  std::ptrdiff_t open_block = -1;  // where the next dense parameter goes, if it fits
  std::int64_t next_capacity = first_capacity;

  Impl(std::uint64_t a_seed, Source a_source, DType a_type)
      : seed(a_seed), source(std::move(a_source)), type(a_type) {
    if (type == DType::i32) throw Bug("parameters are f32 or f64");
  }

  std::size_t new_block(std::int64_t capacity) {
    blocks.push_back({zeros_for_later(capacity, type), zeros_for_later(capacity, type), capacity, 0});
    return blocks.size() - 1;
  }

  /// A block with room for `size` more numbers. A sparse table has its own block, because its gradient is
  /// visited by touched rows and not as a whole.
  std::size_t block_for(std::int64_t size, bool sparse) {
    if (sparse) return new_block(size);
    if (open_block >= 0) {
      const Block& open = blocks[static_cast<std::size_t>(open_block)];
      if (open.used + size <= open.capacity) return static_cast<std::size_t>(open_block);
    }
    open_block = static_cast<std::ptrdiff_t>(new_block(std::max(size, next_capacity)));
    next_capacity = std::min(2 * next_capacity, largest_capacity);
    return static_cast<std::size_t>(open_block);
  }

  std::shared_ptr<Leaf> place(const Shape& shape, bool sparse) {
    const std::int64_t size = size_of(shape);
    Block& block = blocks[block_for(rounded_up(size), sparse)];
    auto leaf = std::make_shared<Leaf>();
    leaf->value = block.values.slice_rows(block.used, block.used + size).reshape(shape);
    leaf->gradient = block.gradients.slice_rows(block.used, block.used + size).reshape(shape);
    leaf->sparse = sparse;
    block.used += rounded_up(size);
    return leaf;
  }

  /// What the source says; empty without one.
  Tensor given(const std::string& name, const Shape& shape) const {
    if (complete)
      fail(ErrorKind::usage,
           "there is no parameter " + quote(name) + ", and none can be added to a model that is whole");
    if (!source) return {};
    Tensor value = source(name, shape);
    if (value.shape() != shape)
      fail(ErrorKind::format,
           quote(name) + " should be " + to_string(shape) + ", got " + to_string(value.shape()));
    return value;
  }

  const Parameter& known(std::string_view name) const {
    if (const auto found = index.find(name); found != index.end()) return parameters[found->second];
    std::vector<std::string> names;
    for (const Parameter& p : parameters)
      names.push_back(p.name);
    fail(ErrorKind::option, "no parameter " + quote(name) + suggestion(name, names));
  }
};

ParameterStore::ParameterStore(std::uint64_t seed, DType type)
    : impl_(std::make_unique<Impl>(seed, nullptr, type)) {}

ParameterStore::ParameterStore(Source source, DType type)
    : impl_(std::make_unique<Impl>(0, std::move(source), type)) {}

ParameterStore::~ParameterStore() = default;

DType ParameterStore::dtype() const noexcept {
  return impl_->type;
}

std::span<const Parameter> ParameterStore::parameters() const noexcept {
  return impl_->parameters;
}

const Parameter* ParameterStore::find(std::string_view name) const noexcept {
  const auto found = impl_->index.find(name);
  return found == impl_->index.end() ? nullptr : &impl_->parameters[found->second];
}

std::int64_t ParameterStore::count() const noexcept {
  std::int64_t total = 0;
  for (const Parameter& p : impl_->parameters)
    total += p.leaf->value.size();
  return total;
}

Tensor ParameterStore::get(std::string_view name) const {
  return impl_->known(name).leaf->value.clone();
}

void ParameterStore::set(std::string_view name, const Tensor& value) {
  refuse_in_inference_mode("setting " + quote(name));
  const Parameter& parameter = impl_->known(name);
  if (value.shape() != parameter.leaf->value.shape())
    fail(ErrorKind::shape, quote(parameter.name) + " is " + to_string(parameter.leaf->value.shape()) +
                               ", got " + to_string(value.shape()));
  copy_values(value, parameter.leaf->value);
  parameter.leaf->weight_type = WeightType::f32;
}

void ParameterStore::freeze(std::string_view name_or_prefix, bool frozen) {
  const std::string below = std::string(name_or_prefix) + ".";
  bool any = false;
  for (const Parameter& p : impl_->parameters)
    if (p.name == name_or_prefix || p.name.compare(0, below.size(), below) == 0) {
      p.leaf->trainable = !frozen;
      any = true;
    }
  if (!any) impl_->known(name_or_prefix);
}

void ParameterStore::zero_gradients() {
  for (const Parameter& p : impl_->parameters)
    if (p.leaf->reached || !p.leaf->touched.empty()) zero_gradient(*p.leaf);
}

void ParameterStore::complete() noexcept {
  impl_->complete = impl_->complete || impl_->source != nullptr;
  impl_->source = nullptr;
}

void ParameterStore::read_all() const {
  for (const Parameter& p : impl_->parameters)
    visit_float(p.leaf->value.dtype(), p.name, [&]<class T>() { std::as_const(p.leaf->value).data<T>(); });
}

ParameterStore::Source values_of(const ParameterStore& store) {
  std::map<std::string, std::shared_ptr<const Leaf>, std::less<>> leaves;
  for (const Parameter& p : store.parameters())
    leaves.emplace(p.name, p.leaf);
  return [leaves = std::move(leaves)](const std::string& name, const Shape&) {
    const auto found = leaves.find(name);
    if (found == leaves.end())
      throw Bug("a copy of a model has a parameter that the model lacks: " + quote(name));
    return found->second->value.clone();
  };
}

Scope::Scope(std::shared_ptr<ParameterStore> store) : store_(std::move(store)) {
  if (!store_) throw Bug("a Scope needs a ParameterStore");
}

Scope Scope::operator/(std::string_view child) const {
  if (child.empty() || child.find_first_of("./ ") != std::string_view::npos)
    fail(ErrorKind::usage,
         "a place in a parameter tree is named by a word without '.', '/' and spaces, got " + quote(child));
  Scope below = *this;
  below.path_ += (path_.empty() ? "" : ".") + std::string(child);
  return below;
}

Var Scope::parameter(std::string_view name, Shape shape, Initial initial, bool sparse) const {
  ParameterStore::Impl& store = *store_->impl_;
  const std::string full = (*this / name).path_;
  if (const auto found = store.index.find(full); found != store.index.end()) {
    const std::shared_ptr<Leaf>& leaf = store.parameters[found->second].leaf;
    if (leaf->value.shape() != shape)
      throw Bug("'" + full + "' is " + to_string(leaf->value.shape()) + " and was asked for as " +
                to_string(shape));
    return Var::parameter(leaf);
  }
  Tensor given = store.given(full, shape);
  const std::shared_ptr<Leaf> leaf = store.place(shape, sparse);
  if (given.empty())
    fill_initial(leaf->value, initial, store.seed, full);
  else if (given.is_deferred() && given.dtype() == store.type)
    leaf->value = std::move(given);  // its memory is its own
  else
    copy_values(given, leaf->value);
  store.index.emplace(full, store.parameters.size());
  store.parameters.push_back({full, leaf});
  return Var::parameter(leaf);
}

std::uint64_t Scope::key(std::string_view name) const noexcept {
  return mix(hash_of(path_), hash_of(name));
}

}  // namespace rondo
