// oneDNN (Debian's libdnnl): its RNN primitives, weights in the layout it asks for (format any), converted
// outside of the measured time even for training, where they change at every step.
//
// Stacked layers are one primitive where all have inputs of one width, else one primitive a layer.
#include <cstring>
#include <oneapi/dnnl/dnnl.hpp>

#include "peers/case.h"

namespace peers {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

memory::desc floats(const memory::dims& dims, Tag tag) {
  return {dims, memory::data_type::f32, tag};
}

/// The sizes of a primitive's operands.
struct Sizes {
  std::int64_t steps, batch, input, hidden, layers, directions, gates, bias_gates;
};

/// Forward or backward pass of a primitive, of any cell: descriptor, primitive, and memory by argument.
class Pass {
 public:
  Pass(const Case& given, const Sizes& sizes, const dnnl::engine& engine, const Pass* forward)
      : engine_(engine), stream_(engine) {
    const dnnl_rnn_desc_t wanted = descriptor(given, sizes, forward != nullptr);
    dnnl_primitive_desc_t made = nullptr;
    const auto* hint = forward == nullptr ? nullptr : forward->descriptor_.get();
    dnnl::error::wrap_c_api(dnnl_primitive_desc_create(&made, &wanted, nullptr, engine.get(), hint),
                            "no such primitive");
    descriptor_.reset(made);
    primitive_ = dnnl::primitive(descriptor_.get());
  }

  /// Memory for an argument in the layout that the primitive wants; an empty one where it has none.
  memory& at(int argument) {
    const auto found = arguments_.find(argument);
    if (found != arguments_.end()) return found->second;
    const memory made(descriptor_.query_md(dnnl::query::exec_arg_md, argument), engine_);
    if (made.get_desc().get_size() > 0) std::memset(made.get_data_handle(), 0, made.get_desc().get_size());
    return arguments_[argument] = made;
  }
  /// Uses another's memory.
  void share(int argument, const memory& other) { arguments_[argument] = other; }

  void put(int argument, const memory::desc& layout, std::vector<float> values) {
    memory given(layout, engine_, values.data());
    convert(given, at(argument));
  }
  std::vector<float> get(int argument, const memory::desc& layout) {
    std::vector<float> values(layout.get_size() / sizeof(float));
    memory wanted(layout, engine_, values.data());
    convert(at(argument), wanted);
    return values;
  }
  void exchange(int one, int other) { std::swap(at(one), at(other)); }
  void clear(int argument) {
    memory& cleared = at(argument);
    std::memset(cleared.get_data_handle(), 0, cleared.get_desc().get_size());
  }
  void run() {
    primitive_.execute(stream_, arguments_);
    stream_.wait();
  }

 private:
  void convert(memory& from, memory& into) {
    dnnl::reorder(from, into).execute(stream_, from, into);
    stream_.wait();
  }
  static dnnl_rnn_desc_t descriptor(const Case& given, const Sizes& s, bool backward);

  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::primitive_desc_base descriptor_;
  dnnl::primitive primitive_;
  std::unordered_map<int, memory> arguments_;
};

dnnl_rnn_desc_t Pass::descriptor(const Case& given, const Sizes& s, bool backward) {
  // Without states version 2.6 trains with wrong gradients of the recurrent weights.
  const bool with_states = given.training || given.suite == "stream";
  const memory::desc x = floats({s.steps, s.batch, s.input}, Tag::tnc),
                     y = floats({s.steps, s.batch, s.directions * s.hidden}, Tag::tnc),
                     state = with_states ? floats({s.layers, s.directions, s.batch, s.hidden}, Tag::ldnc)
                                         : memory::desc(),
                     w = floats({s.layers, s.directions, s.input, s.gates, s.hidden}, Tag::any),
                     u = floats({s.layers, s.directions, s.hidden, s.gates, s.hidden}, Tag::any),
                     b = floats({s.layers, s.directions, s.bias_gates, s.hidden}, Tag::ldgo);
  const auto kind = given.training ? dnnl_forward_training : dnnl_forward_inference;
  const auto direction = s.directions == 2 ? dnnl_bidirectional_concat : dnnl_unidirectional_left2right;
  const auto *px = &x.data, *py = &y.data, *ps = &state.data, *pw = &w.data, *pu = &u.data, *pb = &b.data;
  dnnl_rnn_desc_t made;
  dnnl_status_t status = dnnl_success;
  if (given.cell == "lstm")
    status = backward ? dnnl_lstm_backward_desc_init(&made, dnnl_backward, direction, px, ps, ps, pw, pu, pb,
                                                     py, ps, ps, px, ps, ps, pw, pu, pb, py, ps, ps,
                                                     dnnl_rnn_flags_undef)
                      : dnnl_lstm_forward_desc_init(&made, kind, direction, px, ps, ps, pw, pu, pb, py, ps,
                                                    ps, dnnl_rnn_flags_undef);
  else if (given.cell == "gru")
    status = backward
                 ? dnnl_lbr_gru_backward_desc_init(&made, dnnl_backward, direction, px, ps, pw, pu, pb, py,
                                                   ps, px, ps, pw, pu, pb, py, ps, dnnl_rnn_flags_undef)
                 : dnnl_lbr_gru_forward_desc_init(&made, kind, direction, px, ps, pw, pu, pb, py, ps,
                                                  dnnl_rnn_flags_undef);
  else
    status = backward ? dnnl_vanilla_rnn_backward_desc_init(&made, dnnl_backward, dnnl_eltwise_tanh,
                                                            direction, px, ps, pw, pu, pb, py, ps, px, ps, pw,
                                                            pu, pb, py, ps, dnnl_rnn_flags_undef, 0, 0)
                      : dnnl_vanilla_rnn_forward_desc_init(&made, kind, dnnl_eltwise_tanh, direction, px, ps,
                                                           pw, pu, pb, py, ps, dnnl_rnn_flags_undef, 0, 0);
  dnnl::error::wrap_c_api(status, "no such descriptor");
  return made;
}

/// PyTorch orders a GRU's gates r z n, oneDNN z r n. The same exchange leads back.
void exchange_gates(const Case& given, std::vector<float>& values, std::size_t block) {
  if (given.cell != "gru") return;
  const std::size_t gate = block / 3;
  for (std::size_t begin = 0; begin + block <= values.size(); begin += block)
    std::swap_ranges(values.begin() + static_cast<std::ptrdiff_t>(begin),
                     values.begin() + static_cast<std::ptrdiff_t>(begin + gate),
                     values.begin() + static_cast<std::ptrdiff_t>(begin + gate));
}

/// Layers [first, first + sizes.layers) as one primitive.
class Group {
 public:
  Group(const Case& given, std::int64_t first, std::int64_t count, const dnnl::engine& engine)
      : given_(given),
        first_(first),
        sizes_{given.steps,
               given.batch,
               given.width_into(first),
               given.hidden,
               count,
               given.directions,
               given.gates,
               given.cell == "gru" ? 4 : given.gates},
        forward(given, sizes_, engine, nullptr) {
    if (given.training) backward.emplace_back(given, sizes_, engine, &forward);
    put_weights(forward);
    for (const int argument : {DNNL_ARG_SRC_LAYER, DNNL_ARG_DST_LAYER})
      forward.at(argument);
    if (!given.training) return;
    Pass& back = backward.front();
    put_weights(back);
    for (const int argument : {DNNL_ARG_SRC_LAYER, DNNL_ARG_SRC_ITER, DNNL_ARG_SRC_ITER_C, DNNL_ARG_DST_LAYER,
                               DNNL_ARG_DST_ITER, DNNL_ARG_DST_ITER_C, DNNL_ARG_WORKSPACE})
      back.share(argument, forward.at(argument));
    for (const int argument : {DNNL_ARG_DIFF_SRC_LAYER, DNNL_ARG_DIFF_SRC_ITER, DNNL_ARG_DIFF_SRC_ITER_C,
                               DNNL_ARG_DIFF_DST_LAYER, DNNL_ARG_DIFF_DST_ITER, DNNL_ARG_DIFF_DST_ITER_C})
      back.at(argument);
    clear_gradients();
  }

  /// The primitive adds to the gradients of the weights.
  void clear_gradients() {
    for (const int argument : {DNNL_ARG_DIFF_WEIGHTS_LAYER, DNNL_ARG_DIFF_WEIGHTS_ITER, DNNL_ARG_DIFF_BIAS})
      backward.front().clear(argument);
  }

  void write_gradients(const std::string& folder) {
    Pass& back = backward.front();
    write_weights(folder, "d_weight_ih", back.get(DNNL_ARG_DIFF_WEIGHTS_LAYER, weights_layout(sizes_.input)));
    write_weights(folder, "d_weight_hh", back.get(DNNL_ARG_DIFF_WEIGHTS_ITER, weights_layout(sizes_.hidden)));
  }

 private:
  /// PyTorch's: one matrix [gates · hidden, input] a layer and direction.
  memory::desc weights_layout(std::int64_t input) const {
    return floats({sizes_.layers, sizes_.directions, input, sizes_.gates, sizes_.hidden}, Tag::ldgoi);
  }
  std::vector<float> joined(const std::string& kind) const {
    std::vector<float> all;
    for (std::int64_t layer = first_; layer < first_ + sizes_.layers; ++layer)
      for (std::int64_t direction = 0; direction < sizes_.directions; ++direction) {
        std::vector<float> part = given_.floats(name_of(kind, layer, direction));
        exchange_gates(given_, part, part.size());
        all.insert(all.end(), part.begin(), part.end());
      }
    return all;
  }
  /// Its biases are one vector, but for a GRU's last gate, which has both.
  std::vector<float> joined_biases() const {
    const std::vector<float> input = joined("bias_ih"), hidden = joined("bias_hh");
    const auto block = static_cast<std::size_t>(sizes_.gates * sizes_.hidden);
    const std::size_t apart = given_.cell == "gru" ? static_cast<std::size_t>(2 * sizes_.hidden) : block;
    std::vector<float> all;
    for (std::size_t begin = 0; begin < input.size(); begin += block) {
      for (std::size_t i = begin; i < begin + block; ++i)
        all.push_back(i < begin + apart ? input[i] + hidden[i] : input[i]);
      all.insert(all.end(), hidden.begin() + static_cast<std::ptrdiff_t>(begin + apart),
                 hidden.begin() + static_cast<std::ptrdiff_t>(begin + block));
    }
    return all;
  }
  void put_weights(Pass& pass) {
    pass.put(DNNL_ARG_WEIGHTS_LAYER, weights_layout(sizes_.input), joined("weight_ih"));
    pass.put(DNNL_ARG_WEIGHTS_ITER, weights_layout(sizes_.hidden), joined("weight_hh"));
    pass.put(DNNL_ARG_BIAS,
             floats({sizes_.layers, sizes_.directions, sizes_.bias_gates, sizes_.hidden}, Tag::ldgo),
             joined_biases());
  }
  void write_weights(const std::string& folder, const std::string& kind, std::vector<float> all) const {
    const std::size_t block = all.size() / static_cast<std::size_t>(sizes_.layers * sizes_.directions);
    exchange_gates(given_, all, block);
    const float* at = all.data();
    for (std::int64_t layer = first_; layer < first_ + sizes_.layers; ++layer)
      for (std::int64_t direction = 0; direction < sizes_.directions; ++direction, at += block)
        write(folder, name_of(kind, layer, direction), at, block);
  }

  const Case& given_;
  std::int64_t first_;
  Sizes sizes_;

 public:
  Pass forward;
  std::vector<Pass> backward;  ///< one, for training
};

class Network {
 public:
  explicit Network(const Case& given) : given_(given), engine_(dnnl::engine::kind::cpu, 0) {
    const bool together = given.layers == 1 || given.input == given.directions * given.hidden;
    groups_.reserve(static_cast<std::size_t>(given.layers));
    for (std::int64_t layer = 0; layer < given.layers; layer += together ? given.layers : 1)
      groups_.emplace_back(given, layer, together ? given.layers : 1, engine_);
    for (std::size_t i = 1; i < groups_.size(); ++i) {
      Group &below = groups_[i - 1], &above = groups_[i];
      above.forward.share(DNNL_ARG_SRC_LAYER, below.forward.at(DNNL_ARG_DST_LAYER));
      if (!given.training) continue;
      above.backward.front().share(DNNL_ARG_SRC_LAYER, below.forward.at(DNNL_ARG_DST_LAYER));
      below.backward.front().share(DNNL_ARG_DIFF_DST_LAYER,
                                   above.backward.front().at(DNNL_ARG_DIFF_SRC_LAYER));
    }
    groups_.front().forward.put(DNNL_ARG_SRC_LAYER, rows(given.input), given.floats("x"));
    if (given.training)
      groups_.back().backward.front().put(DNNL_ARG_DIFF_DST_LAYER, rows(given.directions * given.hidden),
                                          given.floats("dy"));
  }

  void pass() {
    for (Group& group : groups_)
      group.forward.run();
    if (!given_.training) return;
    for (std::size_t i = groups_.size(); i-- > 0;) {
      groups_[i].clear_gradients();
      groups_[i].backward.front().run();
    }
  }

  void check(const std::string& folder) {
    pass();
    const std::vector<float> y =
        groups_.back().forward.get(DNNL_ARG_DST_LAYER, rows(given_.directions * given_.hidden));
    write(folder, "y", y.data(), y.size());
    if (!given_.training) return;
    const std::vector<float> dx =
        groups_.front().backward.front().get(DNNL_ARG_DIFF_SRC_LAYER, rows(given_.input));
    write(folder, "d_x", dx.data(), dx.size());
    for (Group& group : groups_)
      group.write_gradients(folder);
  }

 private:
  memory::desc rows(std::int64_t width) const {
    return floats({given_.steps, given_.batch, width}, Tag::tnc);
  }

  const Case& given_;
  dnnl::engine engine_;
  std::vector<Group> groups_;
};

/// One step at a time: what a step leaves is what the next starts from.
class Stream {
 public:
  explicit Stream(const Case& given)
      : given_(given), rows_(given.floats("x")), step_(given, 0, 1, {dnnl::engine::kind::cpu, 0}) {
    start();
  }

  void pass() {
    step_.forward.exchange(DNNL_ARG_SRC_ITER, DNNL_ARG_DST_ITER);
    step_.forward.exchange(DNNL_ARG_SRC_ITER_C, DNNL_ARG_DST_ITER_C);
    const auto width = static_cast<std::size_t>(given_.input);
    std::memcpy(step_.forward.at(DNNL_ARG_SRC_LAYER).get_data_handle(), rows_.data() + next_,
                width * sizeof(float));
    next_ = (next_ + width) % rows_.size();
    step_.forward.run();
  }
  void check(const std::string& folder) {
    start();
    std::vector<float> y;
    do {
      pass();
      const auto* h = static_cast<const float*>(step_.forward.at(DNNL_ARG_DST_LAYER).get_data_handle());
      y.insert(y.end(), h, h + given_.hidden);
    } while (next_ != 0);
    write(folder, "y", y.data(), y.size());
  }

 private:
  void start() {
    next_ = 0;
    for (const int state : {DNNL_ARG_SRC_ITER, DNNL_ARG_SRC_ITER_C, DNNL_ARG_DST_ITER, DNNL_ARG_DST_ITER_C})
      step_.forward.clear(state);
  }

  const Case& given_;
  std::vector<float> rows_;
  Group step_;
  std::size_t next_ = 0;
};

/// Rows by weights.
class Product {
 public:
  explicit Product(const Case& given) : stream_(engine_) {
    const memory::desc x = floats({given.batch, given.input}, Tag::ab),
                       y = floats({given.batch, given.hidden}, Tag::ab);
    const dnnl::matmul::primitive_desc wanted({x, floats({given.input, given.hidden}, Tag::any), y}, engine_);
    product_ = dnnl::matmul(wanted);
    // PyTorch's matrix is the transposed one.
    put(DNNL_ARG_SRC, x, x, given.floats("x"));
    put(DNNL_ARG_WEIGHTS, wanted.weights_desc(), floats({given.input, given.hidden}, Tag::ba),
        given.floats("weight"));
    arguments_[DNNL_ARG_DST] = memory(y, engine_);
  }
  void pass() {
    product_.execute(stream_, arguments_);
    stream_.wait();
  }
  void check(const std::string& folder) {
    pass();
    const memory& y = arguments_[DNNL_ARG_DST];
    write(folder, "y", static_cast<const float*>(y.get_data_handle()),
          y.get_desc().get_size() / sizeof(float));
  }

 private:
  void put(int argument, const memory::desc& wanted, const memory::desc& layout, std::vector<float> values) {
    memory from(layout, engine_, values.data()), into(wanted, engine_);
    dnnl::reorder(from, into).execute(stream_, from, into);
    stream_.wait();
    arguments_[argument] = into;
  }

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_;
  dnnl::matmul product_;
  std::unordered_map<int, memory> arguments_;
};

Prepared prepare(const Case& given, std::string& version) {
  const dnnl_version_t* v = dnnl_version();
  version =
      "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
  if (given.suite == "product") return prepared(std::make_shared<Product>(given));
  if (given.suite == "stream") return prepared(std::make_shared<Stream>(given));
  return prepared(std::make_shared<Network>(given));
}

}  // namespace
}  // namespace peers

int main(int count, char** words) {
  return peers::run(count, words, peers::prepare);
}
