#include "tasks/tag/scores/alignment.h"

#include <limits>
#include <unordered_map>
#include <utility>

namespace rondo::tag {
namespace {

/// Which of several alignments is taken decides which words count as found, so it is the one that GNU diff
/// takes. The middle of the shortest way is looked for from both ends, on the diagonals from the highest down
/// (Myers 1986, section 4b).
class Aligner {
 public:
  Aligner(std::vector<std::int64_t> a, std::vector<std::int64_t> b)
      : a_(std::move(a)),
        b_(std::move(b)),
        from_start_(a_.size() + b_.size() + 3),
        from_end_(from_start_.size()) {}

  /// Pairs of places in a and b.
  std::vector<std::pair<std::size_t, std::size_t>> run() {
    align({0, size(a_), 0, size(b_)});
    return std::move(pairs_);
  }

 private:
  /// a's places from `a` to `a_end`, b's from `b` to `b_end`.
  struct Box {
    std::int64_t a, a_end, b, b_end;
  };
  struct Place {
    std::int64_t a, b;
  };

  static std::int64_t size(const std::vector<std::int64_t>& list) {
    return static_cast<std::int64_t>(list.size());
  }
  bool equal(std::int64_t i, std::int64_t k) const {
    return a_[static_cast<std::size_t>(i)] == b_[static_cast<std::size_t>(k)];
  }
  void pair(std::int64_t i, std::int64_t k) {
    pairs_.emplace_back(static_cast<std::size_t>(i), static_cast<std::size_t>(k));
  }
  std::int64_t& start_row(std::int64_t diagonal) {
    return from_start_[static_cast<std::size_t>(diagonal + size(b_) + 1)];
  }
  std::int64_t& end_row(std::int64_t diagonal) {
    return from_end_[static_cast<std::size_t>(diagonal + size(b_) + 1)];
  }

  void align(Box box) {
    while (box.a < box.a_end && box.b < box.b_end && equal(box.a, box.b))
      pair(box.a++, box.b++);
    std::int64_t same_ends = 0;
    while (box.a < box.a_end && box.b < box.b_end && equal(box.a_end - 1, box.b_end - 1)) {
      --box.a_end;
      --box.b_end;
      ++same_ends;
    }
    if (box.a < box.a_end && box.b < box.b_end) {
      const Place middle = middle_of(box);
      align({box.a, middle.a, box.b, middle.b});
      align({middle.a, box.a_end, middle.b, box.b_end});
    }
    for (std::int64_t i = 0; i < same_ends; ++i)
      pair(box.a_end + i, box.b_end + i);
  }

  /// Diagonals that a search has reached, every second of them. One is known to be out of reach on either
  /// side.
  struct Reached {
    std::int64_t low, high;
    template <class Row>
    void widen(std::int64_t lowest, std::int64_t highest, std::int64_t none, Row&& row) {
      if (low > lowest)
        row(--low - 1) = none;
      else
        ++low;
      if (high < highest)
        row(++high + 1) = none;
      else
        --high;
    }
    bool holds(std::int64_t diagonal) const { return low <= diagonal && diagonal <= high; }
  };

  /// A place on a shortest way through a box whose corners differ: where two searches meet.
  Place middle_of(const Box& box) {
    const std::int64_t lowest = box.a - box.b_end, highest = box.a_end - box.b;
    const std::int64_t first = box.a - box.b, last = box.a_end - box.b_end;
    const bool odd = ((first - last) & 1) != 0;
    Reached forward{first, first}, backward{last, last};
    const auto start = [this](std::int64_t d) -> std::int64_t& { return start_row(d); };
    const auto end = [this](std::int64_t d) -> std::int64_t& { return end_row(d); };
    start(first) = box.a;
    end(last) = box.a_end;
    for (;;) {
      forward.widen(lowest, highest, -1, start);
      for (std::int64_t d = forward.high; d >= forward.low; d -= 2) {
        std::int64_t i = start(d - 1) < start(d + 1) ? start(d + 1) : start(d - 1) + 1;
        while (i < box.a_end && i - d < box.b_end && equal(i, i - d))
          ++i;
        start(d) = i;
        if (odd && backward.holds(d) && end(d) <= i) return {i, i - d};
      }
      backward.widen(lowest, highest, std::numeric_limits<std::int64_t>::max(), end);
      for (std::int64_t d = backward.high; d >= backward.low; d -= 2) {
        std::int64_t i = end(d - 1) < end(d + 1) ? end(d - 1) : end(d + 1) - 1;
        while (box.a < i && box.b < i - d && equal(i - 1, i - d - 1))
          --i;
        end(d) = i;
        if (!odd && forward.holds(d) && i <= start(d)) return {i, i - d};
      }
    }
  }

  std::vector<std::int64_t> a_, b_;
  std::vector<std::int64_t> from_start_, from_end_;  ///< the furthest place in a on each diagonal
  std::vector<std::pair<std::size_t, std::size_t>> pairs_;
};

/// What diff leaves out before it begins: words that the other side does not have, and among them such as it
/// has many times, which would only be found somewhere else.
class ConfusingWords {
 public:
  /// `in_other`: how often the other side has each word.
  explicit ConfusingWords(const std::vector<std::size_t>& in_other) : marks_(in_other.size(), Mark::kept) {
    std::size_t many = 5;
    for (std::size_t rest = marks_.size() / 64 / 4; rest > 0; rest /= 4)
      many *= 2;
    for (std::size_t i = 0; i < marks_.size(); ++i)
      if (in_other[i] == 0 || in_other[i] > many) marks_[i] = in_other[i] == 0 ? Mark::missing : Mark::common;
    for (std::size_t i = 0; i < marks_.size(); ++i)
      if (marks_[i] == Mark::missing)
        i = settle_run(i);
      else
        marks_[i] = Mark::kept;
  }
  bool kept(std::size_t i) const { return marks_[i] == Mark::kept; }

 private:
  enum class Mark : char { kept, missing, common };

  /// Common words go only from the middle of a run of missing ones that begins at `begin`; gives its last
  /// place.
  std::size_t settle_run(std::size_t begin) {
    std::size_t end = begin, common = 0;
    for (; end < marks_.size() && marks_[end] != Mark::kept; ++end)
      common += marks_[end] == Mark::common;
    for (; marks_[end - 1] == Mark::common; --common)
      marks_[--end] = Mark::kept;
    const std::size_t length = end - begin;
    if (common * 4 > length) {
      keep_common(begin, end);
    } else {
      keep_common_together(begin, end);
      keep_common_near_end(length, [&](std::size_t i) -> Mark& { return marks_[begin + i]; });
      keep_common_near_end(length, [&](std::size_t i) -> Mark& { return marks_[end - 1 - i]; });
    }
    return end - 1;
  }

  void keep_common(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      if (marks_[i] == Mark::common) marks_[i] = Mark::kept;
  }

  /// Several common words side by side stay; how many are several grows with the run.
  void keep_common_together(std::size_t begin, std::size_t end) {
    std::size_t several = 1;
    for (std::size_t rest = (end - begin) / 16; rest > 0; rest /= 4)
      several *= 2;
    ++several;
    for (std::size_t i = begin; i < end; ++i) {
      std::size_t together = 0;
      while (i + together < end && marks_[i + together] == Mark::common)
        ++together;
      if (together >= several) keep_common(i, i + together);
      if (together > 0) i += together - 1;
    }
  }

  /// Common words before the first three missing ones in a row stay, or before the first missing one from the
  /// ninth place on.
  template <class At>
  static void keep_common_near_end(std::size_t length, At&& at) {
    constexpr std::size_t in_a_row = 3, far = 8;
    for (std::size_t i = 0, row = 0; i < length && row < in_a_row; ++i) {
      if (i >= far && at(i) == Mark::missing) return;
      row = at(i) == Mark::missing ? row + 1 : 0;
      if (at(i) == Mark::common) at(i) = Mark::kept;
    }
  }

  std::vector<Mark> marks_;
};

/// Numbers of a list's words, and how often each stands in it.
struct Numbered {
  std::vector<std::int64_t> words;
  std::vector<std::size_t> counts;  ///< by number
};

/// The places that diff compares, and the numbers of their words.
struct Compared {
  std::vector<std::int64_t> places;
  std::vector<std::int64_t> words;
};

Compared compared(const Numbered& list, const Numbered& other) {
  std::vector<std::size_t> in_other;
  for (const std::int64_t word : list.words)
    in_other.push_back(other.counts[static_cast<std::size_t>(word)]);
  const ConfusingWords confusing(in_other);
  Compared all;
  for (std::size_t i = 0; i < list.words.size(); ++i) {
    if (!confusing.kept(i)) continue;
    all.places.push_back(static_cast<std::int64_t>(i));
    all.words.push_back(list.words[i]);
  }
  return all;
}

/// Which words of a side are changed; nothing before the first and behind the last is.
class Changed {
 public:
  explicit Changed(std::size_t size) : marks_(size + 2) {}
  std::int64_t size() const { return static_cast<std::int64_t>(marks_.size()) - 2; }
  bool at(std::int64_t i) const { return marks_[static_cast<std::size_t>(i + 1)] != 0; }
  void set(std::int64_t i, bool changed) { marks_[static_cast<std::size_t>(i + 1)] = changed ? 1 : 0; }

 private:
  std::vector<char> marks_;
};

void mark_all(Changed& changed) {
  for (std::int64_t i = 0; i < changed.size(); ++i)
    changed.set(i, true);
}

/// Moves each run of changed words of one side over equal neighbours as diff does: until it meets other runs,
/// then to where the other side has a run, too, else as far down as it goes. This decides what is a
/// substitution.
class RunMover {
 public:
  RunMover(const std::vector<std::int64_t>& words, Changed& changed, const Changed& other)
      : words_(words), changed_(changed), other_(other) {}

  void run() {
    while (find_run()) {
      std::int64_t length = 0;
      do {
        length = end_ - begin_;
        while (begin_ > 0 && equal(begin_ - 1, end_ - 1))
          move_up();
        facing_ = other_.at(beside_ - 1) ? end_ : changed_.size();
        while (end_ < changed_.size() && equal(begin_, end_))
          move_down();
      } while (length != end_ - begin_);
      while (facing_ < end_)
        step_up();
    }
  }

 private:
  bool equal(std::int64_t i, std::int64_t k) const {
    return words_[static_cast<std::size_t>(i)] == words_[static_cast<std::size_t>(k)];
  }

  /// The next run from end_ on; beside_ is the end of what the other side has there.
  bool find_run() {
    begin_ = end_;
    for (; begin_ < changed_.size() && !changed_.at(begin_); ++begin_) {
      while (other_.at(beside_))
        ++beside_;
      ++beside_;
    }
    if (begin_ == changed_.size()) return false;
    for (end_ = begin_; changed_.at(end_);)
      ++end_;
    while (other_.at(beside_))
      ++beside_;
    return true;
  }

  void step_up() {
    changed_.set(--begin_, true);
    changed_.set(--end_, false);
    do
      --beside_;
    while (other_.at(beside_));
  }

  void move_up() {
    step_up();
    while (changed_.at(begin_ - 1))
      --begin_;
  }

  void move_down() {
    changed_.set(begin_++, false);
    changed_.set(end_++, true);
    while (changed_.at(end_))
      ++end_;
    while (other_.at(++beside_))
      facing_ = end_;
  }

  const std::vector<std::int64_t>& words_;
  Changed& changed_;
  const Changed& other_;
  std::int64_t begin_ = 0, end_ = 0;  ///< of the run
  std::int64_t beside_ = 0;           ///< the place in the other side beside the run's end
  std::int64_t facing_ = 0;           ///< where the run last ended beside one of the other side
};

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> aligned(const Strings& a, const Strings& b) {
  std::size_t begin = 0, a_end = a.size(), b_end = b.size();
  while (begin < a_end && begin < b_end && a[begin] == b[begin])
    ++begin;
  while (a_end > begin && b_end > begin && a[a_end - 1] == b[b_end - 1]) {
    --a_end;
    --b_end;
  }
  std::unordered_map<std::string_view, std::int64_t> numbers;
  const auto numbered = [&](const Strings& list, std::size_t end) {
    Numbered all;
    for (std::size_t i = begin; i < end; ++i) {
      all.words.push_back(
          numbers.try_emplace(list[i], static_cast<std::int64_t>(numbers.size())).first->second);
      all.counts.resize(numbers.size());
      ++all.counts[static_cast<std::size_t>(all.words.back())];
    }
    return all;
  };
  Numbered in_a = numbered(a, a_end), in_b = numbered(b, b_end);
  in_a.counts.resize(numbers.size());
  in_b.counts.resize(numbers.size());
  const Compared of_a = compared(in_a, in_b), of_b = compared(in_b, in_a);
  Changed changed_a(in_a.words.size()), changed_b(in_b.words.size());
  mark_all(changed_a);
  mark_all(changed_b);
  for (const auto& [i, k] : Aligner(of_a.words, of_b.words).run()) {
    changed_a.set(of_a.places[i], false);
    changed_b.set(of_b.places[k], false);
  }
  RunMover(in_a.words, changed_a, changed_b).run();
  RunMover(in_b.words, changed_b, changed_a).run();
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  for (std::size_t i = 0; i < begin; ++i)
    pairs.emplace_back(i, i);
  std::int64_t k = 0;
  for (std::int64_t i = 0; i < changed_a.size(); ++i) {
    if (changed_a.at(i)) continue;
    while (changed_b.at(k))
      ++k;
    pairs.emplace_back(begin + static_cast<std::size_t>(i), begin + static_cast<std::size_t>(k++));
  }
  for (std::size_t i = a_end; i < a.size(); ++i)
    pairs.emplace_back(i, b_end + (i - a_end));
  return pairs;
}

}  // namespace rondo::tag
