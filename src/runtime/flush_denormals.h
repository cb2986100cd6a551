/// Treats denormal numbers as zero while it is alive. Decaying states reach denormals, whose arithmetic is a
/// hundred times slower. Every computing thread holds one, so that bits do not depend on the thread.
#pragma once
#include <cstdint>

#if defined(__SSE__) || defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace rondo {

class FlushDenormals {
 public:
  FlushDenormals() noexcept : before_(control()) {
    if ((before_ & flush) != flush) set_control(before_ | flush);
  }
  ~FlushDenormals() {
    if ((before_ & flush) != flush) set_control(before_);
  }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__SSE__) || defined(__x86_64__)
  static constexpr std::uint64_t flush = 0x8040;  // results to zero, operands as zero
  static std::uint64_t control() noexcept {
    return _mm_getcsr();
  }
  static void set_control(std::uint64_t value) noexcept {
    _mm_setcsr(static_cast<unsigned>(value));
  }
#elif defined(__aarch64__)
  static constexpr std::uint64_t flush = 1U << 24;
  static std::uint64_t control() noexcept {
    std::uint64_t value;
    asm volatile("mrs %0, fpcr" : "=r"(value));
    return value;
  }
  static void set_control(std::uint64_t value) noexcept {
    asm volatile("msr fpcr, %0" : : "r"(value));
  }
#else
  static constexpr std::uint64_t flush = 0;
  static std::uint64_t control() noexcept {
    return 0;
  }
  static void set_control(std::uint64_t) noexcept {}
#endif

  std::uint64_t before_;
};

}  // namespace rondo
