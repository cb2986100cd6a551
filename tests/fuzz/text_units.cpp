// Any bytes are the saved units of a language model or are refused with a reason; units that are read encode,
// decode and write themselves.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <rondo/error.h>
#include <rondo/tasks/lm.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string json(reinterpret_cast<const char*>(data), size);
  try {
    const auto units = rondo::TextUnits::from_json(json);
    const std::string text = "A cat's </s> 3.5\n\n 北京 \xF0\x9F\x98\x80<unk>";
    const std::vector<std::int32_t> numbers = units.encode(text);
    for (const std::int32_t number : numbers)
      if (number < 0 || number >= units.vocab().size() || number == rondo::TextUnits::border) std::abort();
    units.decode(numbers);
    units.unknown_in(text);
    const std::string again = units.to_json();
    if (rondo::TextUnits::from_json(again).to_json() != again) std::abort();
  } catch (const rondo::Error&) {  // format; of subwords, also that their library is missing
  }
  return 0;
}
