#include <charconv>
#include <cstdlib>
#include <cstring>

#include <rondo/error.h>

#include "base/message.h"
#include "runtime/processors.h"
#include "runtime/runtime_impl.h"

namespace rondo {
namespace {

thread_local Runtime* in_use = nullptr;

constexpr int most_threads = 1024;

const Kernels<float>* table_named(std::string_view name, const std::string& where) {
  std::string known;
  for (const auto* table : all_kernels()) {
    if (table->isa == name) return table;
    known += (known.empty() ? "" : ", ") + std::string(table->isa);
  }
  fail(ErrorKind::option,
       where + " '" + std::string(name) + "' is not an instruction set of this machine; it has " + known);
}

/// RONDO_ISA, else the best instruction set present.
const Kernels<float>* default_table() {
  const char* const name = std::getenv("RONDO_ISA");
  if (name == nullptr || *name == '\0') return all_kernels().front();
  return table_named(name, "RONDO_ISA");
}

/// RONDO_THREADS, else as many as the process may use.
int default_threads() {
  const char* const text = std::getenv("RONDO_THREADS");
  if (text == nullptr || *text == '\0') return std::min(most_threads, usable_processors());
  int threads = 0;
  const char* const end = text + std::strlen(text);
  const auto read = std::from_chars(text, end, threads);
  if (read.ec != std::errc() || read.ptr != end || threads < 1 || threads > most_threads) {
    fail(ErrorKind::option, "RONDO_THREADS takes a whole number from 1 to 1024, got '" + std::string(text) +
                                "'; unset it to use every processor");
  }
  return threads;
}

struct Defaults {
  int threads = default_threads();
  const Kernels<float>* table = default_table();
};
/// Read once. A bad value throws at each call.
const Defaults& defaults() {
  static const Defaults read;
  return read;
}

Runtime& process_default() {
  // Never destroyed, because tensors and threads of the program may outlive every static object. The pool's
  // threads end with the library, because its code may be unloaded.
  static Runtime* const runtime = new Runtime;
  struct StopThreads {
    ~StopThreads() { runtime->impl().pool.stop(); }
  };
  static const StopThreads at_end;
  return *runtime;
}

}  // namespace

Runtime::Runtime(RuntimeOptions options) {
  if (options.threads < 0 || options.threads > most_threads) {
    throw Error(ErrorKind::option,
                "Runtime: threads takes 0 (every processor) to 1024, got " + std::to_string(options.threads));
  }
  const auto* table = options.isa.empty() ? defaults().table : table_named(options.isa, "Runtime: isa");
  const int threads = options.threads == 0 ? defaults().threads : options.threads;
  impl_ = std::make_unique<Impl>(threads, table);
}

Runtime::~Runtime() = default;

int Runtime::threads() const noexcept {
  return impl_->pool.threads();
}

std::string_view Runtime::isa() const noexcept {
  return impl_->kernels->isa;
}

Runtime& Runtime::current() {
  return in_use != nullptr ? *in_use : process_default();
}

std::vector<std::string> Runtime::isas() {
  std::vector<std::string> names;
  for (const auto* table : all_kernels())
    names.emplace_back(table->isa);
  return names;
}

Runtime::Use::Use(Runtime& runtime) : outer_(in_use) {
  in_use = &runtime;
}

Runtime::Use::~Use() {
  in_use = outer_;
}

}  // namespace rondo
