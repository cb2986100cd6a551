/// Lines of a stream of text, long ones in parts: what is held in memory does not grow with a line.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rondo::tag {

/// A line without its end, or a part of a long one.
struct LinePart {
  std::string text = {};
  std::uint64_t line = 1;  ///< its number
  std::size_t offset = 0;  ///< bytes of the line before this part
  bool ends = true;        ///< the line ends here
  bool open = false;       ///< where it is cut no sentence ends: the last words may be cut, too
};

/// Where the first sentence of a text ends, closing quotes and brackets included; npos where that is not to
/// be seen: no sentence ends, or its end may go on behind the text.
std::size_t sentence_end(std::string_view text) noexcept;

class LineParts {
 public:
  /// A line of at most `longest` bytes is one part; a longer one is cut behind each of its sentences, a
  /// sentence without an end in sight after `longest` bytes.
  explicit LineParts(std::size_t longest) : longest_(longest) {}

  void add(std::string_view bytes) { waiting_ += bytes; }
  /// There is no more to come.
  void end() noexcept { at_end_ = true; }
  /// The next part; none until more was added.
  std::optional<LinePart> next();
  /// The last `bytes` of the part handed out last, an open one, come again with what follows.
  void give_back(std::size_t bytes);

 private:
  void forget();
  LinePart cut(std::size_t size, bool ends);

  std::size_t longest_;
  std::string waiting_;
  std::size_t at_ = 0,
              searched_ = 0;  ///< in waiting_: where the next part begins; where no line end was found
  std::uint64_t line_ = 1;
  std::size_t offset_ = 0;
  bool cut_before_ = false;  ///< the line at hand is one of those that are cut
  bool at_end_ = false;
};

}  // namespace rondo::tag
