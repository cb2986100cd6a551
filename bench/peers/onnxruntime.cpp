// ONNX Runtime (npm's onnxruntime-node, inference only): a model that compare.py has written.
//
// The package holds the library but no header, so the few entries of its C interface that are needed are
// declared here. They stand in a table of functions whose order never changes; new ones come at its end.
#include <cstring>

#include <dlfcn.h>

#include "peers/case.h"

namespace peers {
namespace {

struct OrtStatus;
struct OrtEnv;
struct OrtSession;
struct OrtSessionOptions;
struct OrtMemoryInfo;
struct OrtValue;

/// Places in the table.
enum class Entry : std::size_t {
  get_error_message = 2,
  create_env = 3,
  create_session = 7,
  run = 9,
  create_session_options = 10,
  set_intra_op_threads = 24,
  set_inter_op_threads = 25,
  create_tensor_with_data = 49,
  create_cpu_memory_info = 69,
};
struct ApiBase {
  const void* const* (*get_api)(std::uint32_t version);
  const char* (*get_version)();
};
constexpr std::uint32_t api_version = 17;
constexpr int warnings = 2, arena_allocator = 1, default_memory = 0, float_elements = 1;

class Api {
 public:
  explicit Api(const std::string& library) {
    void* opened = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (opened == nullptr) throw std::runtime_error(dlerror());
    const auto base = reinterpret_cast<const ApiBase* (*)()>(dlsym(opened, "OrtGetApiBase"));
    if (base == nullptr) throw std::runtime_error(library + " has no OrtGetApiBase");
    version = base()->get_version();
    table_ = base()->get_api(api_version);
    if (table_ == nullptr) throw std::runtime_error("ONNX Runtime " + version + " is too old");
  }

  /// Calls an entry whose parameters have exactly these types.
  template <class... Parameters>
  void call(Entry entry, Parameters... parameters) const {
    const auto function = reinterpret_cast<OrtStatus* (*)(Parameters...)>(at(entry));
    if (OrtStatus* status = function(parameters...); status != nullptr) {
      const auto message = reinterpret_cast<const char* (*)(const OrtStatus*)>(at(Entry::get_error_message));
      throw std::runtime_error(message(status));
    }
  }

  std::string version;

 private:
  void* at(Entry entry) const { return const_cast<void*>(table_[static_cast<std::size_t>(entry)]); }
  const void* const* table_ = nullptr;
};

/// A tensor over memory of its own.
struct Bound {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
  OrtValue* value = nullptr;
};

class Session {
 public:
  explicit Session(const Case& given) : api(given.text("library")) {
    OrtEnv* env = nullptr;
    OrtSessionOptions* options = nullptr;
    api.call<int, const char*, OrtEnv**>(Entry::create_env, warnings, "bench", &env);
    api.call<OrtSessionOptions**>(Entry::create_session_options, &options);
    api.call<OrtSessionOptions*, int>(Entry::set_intra_op_threads, options, given.threads);
    api.call<OrtSessionOptions*, int>(Entry::set_inter_op_threads, options, 1);
    const std::string model = given.text("data") + "/" + given.suite + ".onnx";
    api.call<const OrtEnv*, const char*, const OrtSessionOptions*, OrtSession**>(
        Entry::create_session, env, model.c_str(), options, &session_);
    api.call<int, int, OrtMemoryInfo**>(Entry::create_cpu_memory_info, arena_allocator, default_memory,
                                        &memory_);
  }

  void make(Bound& bound, std::vector<std::int64_t> shape) const {
    std::size_t count = 1;
    for (const std::int64_t size : shape)
      count *= static_cast<std::size_t>(size);
    bound.shape = std::move(shape);
    bound.values.assign(count, 0);
    api.call<const OrtMemoryInfo*, void*, std::size_t, const std::int64_t*, std::size_t, int, OrtValue**>(
        Entry::create_tensor_with_data, memory_, bound.values.data(), count * sizeof(float),
        bound.shape.data(), bound.shape.size(), float_elements, &bound.value);
  }

  using Names = std::vector<const char*>;
  void run(const Names& input_names, const std::vector<const OrtValue*>& inputs, const Names& output_names,
           std::vector<OrtValue*> outputs) const {
    api.call<OrtSession*, const void*, const char* const*, const OrtValue* const*, std::size_t,
             const char* const*, std::size_t, OrtValue**>(Entry::run, session_, nullptr, input_names.data(),
                                                          inputs.data(), inputs.size(), output_names.data(),
                                                          outputs.size(), outputs.data());
  }

  const Api api;

 private:
  OrtSession* session_ = nullptr;
  OrtMemoryInfo* memory_ = nullptr;
};

/// Whole sequences.
class Network {
 public:
  explicit Network(const Case& given) : session_(given) {
    session_.make(x_, {given.steps, given.batch, given.input});
    session_.make(y_, {given.steps, given.directions, given.batch, given.hidden});
    const std::vector<float> x = given.floats("x");
    std::copy(x.begin(), x.end(), x_.values.begin());
  }
  const std::string& version() const { return session_.api.version; }
  void pass() { session_.run({"x"}, {x_.value}, {"y"}, {y_.value}); }
  void check(const std::string& folder) {
    pass();
    write_rows(folder);
  }

 private:
  /// Its two directions stand one after the other at each step; wanted is side by side in each row.
  void write_rows(const std::string& folder) const {
    const std::int64_t directions = y_.shape[1], batch = y_.shape[2], hidden = y_.shape[3];
    std::vector<float> rows;
    for (std::int64_t step = 0; step < y_.shape[0]; ++step)
      for (std::int64_t row = 0; row < batch; ++row)
        for (std::int64_t direction = 0; direction < directions; ++direction) {
          const float* from = y_.values.data() + ((step * directions + direction) * batch + row) * hidden;
          rows.insert(rows.end(), from, from + hidden);
        }
    write(folder, "y", rows.data(), rows.size());
  }

  Session session_;
  Bound x_, y_;
};

/// One step at a time: what a step leaves is what the next starts from.
class Stream {
 public:
  explicit Stream(const Case& given) : session_(given), rows_(given.floats("x")) {
    session_.make(x_, {1, 1, given.input});
    for (Bound* state : {&h_, &c_, &next_h_, &next_c_})
      session_.make(*state, {1, 1, given.hidden});
  }
  const std::string& version() const { return session_.api.version; }
  void pass() {
    std::memcpy(x_.values.data(), rows_.data() + at_, x_.values.size() * sizeof(float));
    at_ = (at_ + x_.values.size()) % rows_.size();
    session_.run({"x", "h", "c"}, {x_.value, h_.value, c_.value}, {"next_h", "next_c"},
                 {next_h_.value, next_c_.value});
    std::swap(h_, next_h_);
    std::swap(c_, next_c_);
  }
  void check(const std::string& folder) {
    at_ = 0;
    for (Bound* state : {&h_, &c_})
      std::fill(state->values.begin(), state->values.end(), 0.0F);
    std::vector<float> y;
    do {
      pass();
      y.insert(y.end(), h_.values.begin(), h_.values.end());
    } while (at_ != 0);
    write(folder, "y", y.data(), y.size());
  }

 private:
  Session session_;
  std::vector<float> rows_;
  std::size_t at_ = 0;
  Bound x_, h_, c_, next_h_, next_c_;
};

template <class Measured>
Prepared measured(const Case& given, std::string& version) {
  const auto made = std::make_shared<Measured>(given);
  version = "ONNX Runtime " + made->version();
  return prepared(made);
}

Prepared prepare(const Case& given, std::string& version) {
  return given.suite == "stream" ? measured<Stream>(given, version) : measured<Network>(given, version);
}

}  // namespace
}  // namespace peers

int main(int count, char** words) {
  return peers::run(count, words, peers::prepare);
}
