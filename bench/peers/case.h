/// What the peers written in C++ share: the case they are started for, its numbers in files, and the
/// conversation with compare.py.
///
/// A peer says "ready VERSION" when it has prepared its case. Then it answers line by line:
///   check FOLDER   one pass; its results as FOLDER/NAME.f32; "done"
///   go SECONDS     passes for about that long; milliseconds of one, by the wall's clock and by the
///   processors'
/// and whatever else it was given to answer. It ends when its input does. Between two lines it sleeps, so
/// that the others have the machine for themselves.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace peers {

/// From arguments NAME=VALUE; shapes.py says what they mean.
class Case {
 public:
  Case(int count, char** words) {
    for (int i = 1; i < count; ++i) {
      const std::string word = words[i];
      const std::size_t equals = word.find('=');
      if (equals == std::string::npos) throw std::invalid_argument("wanted NAME=VALUE, got " + word);
      values_[word.substr(0, equals)] = word.substr(equals + 1);
    }
    suite = text("suite");
    cell = text("cell");
    training = text("mode") == "training";
    steps = number("steps");
    batch = number("batch");
    input = number("input");
    hidden = number("hidden");
    layers = number("layers");
    directions = number("directions");
    threads = static_cast<int>(number("threads"));
    gates = cell == "lstm" ? 4 : cell == "gru" ? 3 : 1;
  }

  std::string suite, cell;
  bool training;
  std::int64_t steps, batch, input, hidden, layers, directions, gates;
  int threads;

  const std::string& text(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) throw std::invalid_argument("no argument " + name + "=...");
    return found->second;
  }
  std::int64_t number(const std::string& name) const { return std::stoll(text(name)); }
  float real(const std::string& name) const { return std::stof(text(name)); }

  /// Features that a layer reads.
  std::int64_t width_into(std::int64_t layer) const { return layer == 0 ? input : directions * hidden; }

  /// The numbers of an input or a parameter, in PyTorch's layout.
  std::vector<float> floats(const std::string& name) const { return read<float>(name + ".f32"); }
  std::vector<std::int32_t> integers(const std::string& name) const {
    return read<std::int32_t>(name + ".i32");
  }

 private:
  template <class T>
  std::vector<T> read(const std::string& file) const {
    const std::string path = text("data") + "/" + file;
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in) throw std::runtime_error("cannot read " + path);
    std::vector<T> values(static_cast<std::size_t>(in.tellg()) / sizeof(T));
    in.seekg(0);
    in.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
    return values;
  }

  std::map<std::string, std::string> values_;
};

/// PyTorch's name: "weight_ih" of layer 1, second direction, is weight_ih_l1_reverse.
inline std::string name_of(const std::string& kind, std::int64_t layer, std::int64_t direction) {
  return kind + "_l" + std::to_string(layer) + (direction == 1 ? "_reverse" : "");
}

inline void write(const std::string& folder, const std::string& name, const float* values,
                  std::size_t count) {
  std::ofstream out(folder + "/" + name + ".f32", std::ios::binary);
  out.write(reinterpret_cast<const char*>(values), static_cast<std::streamsize>(count * sizeof(float)));
  if (!out) throw std::runtime_error("cannot write " + name + " into " + folder);
}

/// Time of one pass in milliseconds: by the wall's clock, and of all processors that worked on it.
struct Took {
  double wall, processors;
};

inline double middle(std::vector<double>& values) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// Medians of blocks of at least 2 ms, for about `seconds` and at least one block. The first pass counts only
/// if it takes so long that others' traces in the caches cannot matter.
inline Took measure(double seconds, const std::function<void()>& pass) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  };
  std::vector<double> wall, processors;
  const auto block = [&](int passes, double least) {
    const auto begin = Clock::now();
    const std::clock_t used = std::clock();
    for (int i = 0; i < passes; ++i)
      pass();
    const double took = since(begin);
    if (took < least) return false;
    wall.push_back(took / passes);
    processors.push_back(1e3 * static_cast<double>(std::clock() - used) / CLOCKS_PER_SEC / passes);
    return true;
  };
  const auto begin = Clock::now();
  block(1, 1e3 * seconds);
  for (int passes = 1; wall.empty() || since(begin) < 1e3 * seconds;)
    if (!block(passes, 2)) passes *= 2;
  return {middle(wall), middle(processors)};
}

/// A prepared case.
struct Prepared {
  std::function<void()> pass;                                     ///< what is measured
  std::function<void(const std::string& folder)> check;           ///< writes results
  std::map<std::string, std::function<std::string()>> more = {};  ///< answers to other lines
};

/// The case in the hands of an object with pass() and check(folder).
template <class Measured>
Prepared prepared(std::shared_ptr<Measured> measured) {
  return {.pass = [measured] { measured->pass(); },
          .check = [measured](const std::string& folder) { measured->check(folder); }};
}

/// Talks to compare.py until its input ends.
inline void serve(const std::string& version, const Prepared& prepared) {
  std::cout << "ready " << version << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    if (command == "go") {
      double seconds = 0;
      words >> seconds;
      const Took took = measure(seconds, prepared.pass);
      std::cout << took.wall << ' ' << took.processors << std::endl;
    } else if (command == "check") {
      std::string folder;
      words >> std::ws;
      std::getline(words, folder);
      prepared.check(folder);
      std::cout << "done" << std::endl;
    } else {
      std::cout << prepared.more.at(command)() << std::endl;
    }
  }
}

/// main() of a peer: prepare(case, version) gives the Prepared case. With once=1 it makes one pass and ends,
/// which is how the time from start to first result is measured.
template <class Prepare>
int run(int count, char** words, const Prepare& prepare) try {
  const Case given(count, words);
  std::string version;
  const Prepared prepared = prepare(given, version);
  if (given.text("once") == "1")
    prepared.pass();
  else
    serve(version, prepared);
  return 0;
} catch (const std::exception& error) {
  std::cerr << words[0] << ": " << error.what() << "\n";
  return 1;
}

}  // namespace peers
