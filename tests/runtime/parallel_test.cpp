#include "runtime/parallel.h"

#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rondo/error.h>
#include <rondo/runtime.h>

#include "runtime/flush_denormals.h"

namespace rondo {
namespace {

class ThreadsParallel : public testing::TestWithParam<int> {
 protected:
  Runtime runtime{{.threads = GetParam(), .isa = {}}};
  Runtime::Use use{runtime};
};
INSTANTIATE_TEST_SUITE_P(Counts, ThreadsParallel, testing::Values(1, 2, 3, 8));

TEST_P(ThreadsParallel, ForCoversEveryItemOnce) {
  for (std::int64_t count : {0, 1, 2, 7, 64, 1000}) {
    for (std::int64_t grain : {1, 3, 100}) {
      std::vector<int> seen(static_cast<std::size_t>(count), 0);
      parallel_for(count, grain, [&](std::int64_t begin, std::int64_t end) {
        EXPECT_TRUE(end - begin >= grain || end - begin == count);
        for (std::int64_t i = begin; i < end; ++i)
          ++seen[static_cast<std::size_t>(i)];
      });
      EXPECT_EQ(seen, std::vector<int>(seen.size(), 1)) << count << " by " << grain;
    }
  }
}

TEST_P(ThreadsParallel, PartsRunOnceEach) {
  for (int parts : {0, 1, 2, 5, 40}) {
    std::vector<int> seen(static_cast<std::size_t>(parts), 0);
    parallel_parts(parts, [&](int part) { ++seen[static_cast<std::size_t>(part)]; });
    EXPECT_EQ(seen, std::vector<int>(seen.size(), 1));
  }
}

TEST_P(ThreadsParallel, BalancedPartsRunOnce) {
  const std::vector<std::int64_t> works[] = {
      {},         {5},        {0, 0, 0},    {1, 1, 1, 1},
      {90, 1, 1}, {1, 1, 90}, {0, 7, 0, 7}, {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7}};
  for (const std::vector<std::int64_t>& work : works)
    for (int round = 0; round < 50; ++round) {
      std::vector<int> seen(work.size(), 0);
      parallel_balanced(work, 1, [&](std::size_t part) { ++seen[part]; });
      EXPECT_EQ(seen, std::vector<int>(work.size(), 1));
    }
}

TEST_P(ThreadsParallel, BalancedThreadsHelpWhoeverIsLate) {
  // The first part ends when all others are done, among them those of its own thread's share.
  if (GetParam() == 1) return;
  std::vector<std::int64_t> work(20, 1);
  std::atomic<int> done = 0;
  parallel_balanced(work, 1, [&](std::size_t part) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (part == 0 && done < 19 && std::chrono::steady_clock::now() < end)
      std::this_thread::yield();
    if (part != 0)
      ++done;
    else
      EXPECT_EQ(done, 19) << "nobody took over the first thread's share";
  });
}

TEST_P(ThreadsParallel, AFailureOfABalancedPartIsThrown) {
  const std::vector<std::int64_t> work(10, 1);
  EXPECT_THROW(parallel_balanced(work, 1,
                                 [](std::size_t part) {
                                   if (part >= 7) throw std::out_of_range("7");
                                 }),
               std::out_of_range);
}

TEST_P(ThreadsParallel, NestedCallsStayOnTheirThread) {
  EXPECT_EQ(parallelism(), GetParam());
  parallel_parts(GetParam(), [&](int) {
    EXPECT_TRUE(GetParam() == 1 || parallelism() == 1);
    const auto here = std::this_thread::get_id();
    parallel_for(100, 1, [&](std::int64_t, std::int64_t) {
      EXPECT_TRUE(GetParam() == 1 || std::this_thread::get_id() == here);
    });
  });
  EXPECT_EQ(parallelism(), GetParam());
}

TEST_P(ThreadsParallel, PiecesComputeOnTheCallersRuntime) {
  parallel_parts(GetParam(), [&](int) { EXPECT_EQ(&Runtime::current(), &runtime); });
}

TEST_P(ThreadsParallel, TheLowestPiecesFailureIsThrown) {
  for (int round = 0; round < 50; ++round) {
    try {
      parallel_for(100, 1,
                   [](std::int64_t begin, std::int64_t) { throw std::out_of_range(std::to_string(begin)); });
      FAIL() << "nothing was thrown";
    } catch (const std::out_of_range& failure) {
      EXPECT_STREQ(failure.what(), "0");
    }
    std::atomic<int> done = 0;
    parallel_for(100, 1,
                 [&](std::int64_t begin, std::int64_t end) { done += static_cast<int>(end - begin); });
    EXPECT_EQ(done, 100);
  }
}

TEST_P(ThreadsParallel, DenormalsAreZeroInsideAndKeptOutside) {
  volatile float small = std::numeric_limits<float>::min();
  parallel_parts(GetParam(), [&](int) { EXPECT_EQ(small * 0.5F, 0.0F); });
  parallel_for(1, 1, [&](std::int64_t, std::int64_t) { EXPECT_EQ(small * 0.5F, 0.0F); });
  EXPECT_GT(small * 0.5F, 0.0F);
}

TEST_P(ThreadsParallel, ManyRegionsInARow) {
  std::vector<std::int64_t> sums(8, 0);
  for (int round = 0; round < 5000; ++round) {
    parallel_for(8, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i)
        sums[static_cast<std::size_t>(i)] += i;
    });
  }
  for (std::int64_t i = 0; i < 8; ++i)
    EXPECT_EQ(sums[static_cast<std::size_t>(i)], 5000 * i);
}

TEST_P(ThreadsParallel, SleepingThreadsWakeUp) {
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> done = 0;
    parallel_parts(16, [&](int) { ++done; });
    EXPECT_EQ(done, 16);
    std::this_thread::sleep_for(std::chrono::microseconds(300));
  }
}

TEST_P(ThreadsParallel, SeveralThreadsComputeOnOneRuntime) {
  std::vector<std::thread> callers;
  std::vector<std::int64_t> totals(4, 0);
  for (std::size_t caller = 0; caller < totals.size(); ++caller) {
    callers.emplace_back([&, caller] {
      const Runtime::Use mine(runtime);
      for (int round = 0; round < 300; ++round) {
        std::vector<std::int64_t> squares(100);
        parallel_for(100, 1, [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t i = begin; i < end; ++i)
            squares[static_cast<std::size_t>(i)] = i * i;
        });
        totals[caller] += std::accumulate(squares.begin(), squares.end(), std::int64_t{0});
      }
    });
  }
  for (auto& caller : callers)
    caller.join();
  for (const auto total : totals)
    EXPECT_EQ(total, 300 * 328350);
}

TEST(ThreadsRuntime, EndsWithThreadsSpinningOrParked) {
  for (int round = 0; round < 20; ++round) {
    Runtime runtime{{.threads = 4, .isa = {}}};
    const Runtime::Use use(runtime);
    parallel_parts(4, [](int) {});
    if (round % 2 == 1) std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
}

#if !defined(__SANITIZE_THREAD__)  // the sanitizer does not let a forked child start threads
TEST(Runtime, AForkedChildComputesAndEnds) {
  Runtime::current();
  Runtime runtime{{.threads = 3, .isa = {}}};
  const Runtime::Use use(runtime);
  parallel_parts(3, [](int) {});
  const pid_t child = fork();
  if (child == 0) {
    std::atomic<int> done = 0;
    parallel_parts(3, [&](int) { ++done; });
    { Runtime own{{.threads = 2, .isa = {}}}; }
    _exit(done == 3 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}
#endif

TEST(Runtime, RefusesWhatTheMachineLacks) {
  const auto message = [](RuntimeOptions options) {
    try {
      Runtime runtime(options);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::option);
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(message({.threads = 0, .isa = "neon9"}).find("scalar"), std::string::npos);
  EXPECT_NE(message({.threads = -1, .isa = {}}), "");
  EXPECT_NE(message({.threads = 1025, .isa = {}}), "");
  EXPECT_EQ(message({.threads = 2, .isa = "scalar"}), "");
  EXPECT_EQ(Runtime::isas().back(), "scalar");
}

TEST(Runtime, UseNests) {
  Runtime outer{{.threads = 2, .isa = "scalar"}}, inner{{.threads = 1, .isa = {}}};
  Runtime& process = Runtime::current();
  {
    const Runtime::Use first(outer);
    EXPECT_EQ(kernels<float>().isa, "scalar");
    {
      const Runtime::Use second(inner);
      EXPECT_EQ(&Runtime::current(), &inner);
    }
    EXPECT_EQ(&Runtime::current(), &outer);
  }
  EXPECT_EQ(&Runtime::current(), &process);
}

}  // namespace
}  // namespace rondo
