// OpenBLAS (Debian's libopenblas0-openmp), opened at run time: its one function that is needed has had the
// same parameters for forty years.
#include <dlfcn.h>

#include "peers/case.h"

namespace peers {
namespace {

using Sgemm = void (*)(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                       const float* a, int lda, const float* b, int ldb, float beta, float* c, int ldc);
constexpr int row_major = 101, as_it_is = 111, transposed = 112;

template <class Function>
Function function_of(void* library, const char* name) {
  const auto found = reinterpret_cast<Function>(dlsym(library, name));
  if (found == nullptr) throw std::runtime_error(dlerror());
  return found;
}

/// Rows by weights.
class Product {
 public:
  Product(const Case& given, Sgemm sgemm)
      : sgemm_(sgemm),
        rows_(static_cast<int>(given.batch)),
        depth_(static_cast<int>(given.input)),
        columns_(static_cast<int>(given.hidden)),
        x_(given.floats("x")),
        weight_(given.floats("weight")),
        y_(static_cast<std::size_t>(given.batch * given.hidden)) {}
  void pass() {
    sgemm_(row_major, as_it_is, transposed, rows_, columns_, depth_, 1, x_.data(), depth_, weight_.data(),
           depth_, 0, y_.data(), columns_);
  }
  void check(const std::string& folder) {
    pass();
    write(folder, "y", y_.data(), y_.size());
  }

 private:
  Sgemm sgemm_;
  int rows_, depth_, columns_;
  std::vector<float> x_, weight_, y_;
};

Prepared prepare(const Case& given, std::string& version) {
  void* library = dlopen("libopenblas.so.0", RTLD_NOW);
  if (library == nullptr) throw std::runtime_error(dlerror());
  const std::string config = function_of<const char* (*)()>(library, "openblas_get_config")();
  version = config.substr(0, config.find(' ', config.find(' ') + 1));
  return prepared(std::make_shared<Product>(given, function_of<Sgemm>(library, "cblas_sgemm")));
}

}  // namespace
}  // namespace peers

int main(int count, char** words) {
  return peers::run(count, words, peers::prepare);
}
