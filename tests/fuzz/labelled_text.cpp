// Any bytes are labelled text in each format, with one label a text or several, or are refused with a reason;
// texts that are read can be encoded.
#include <cstdint>
#include <string_view>

#include <rondo/data.h>
#include <rondo/data/multi_label.h>
#include <rondo/error.h>

namespace {

void read_and_encode(std::string_view bytes, rondo::data::FileFormat format) {
  try {
    const auto read = rondo::data::parse(bytes, "fuzz", {.format = format});
    const rondo::Dataset all = read.train;
    for (const auto tokenizer : {rondo::Tokenizer::words, rondo::Tokenizer::characters}) {
      const auto encoder = rondo::TextEncoder::learn(all.texts(), {.tokenizer = tokenizer, .bigrams = 10});
      const rondo::data::Batches batches(all, encoder, {.batch_size = 2});
      batches.epoch(1).batch(0);
    }
    all.split(0.5, 0.3, 0.2);
  } catch (const rondo::Error&) {
  }
}

void read_several_labels(std::string_view bytes, rondo::data::FileFormat format) {
  try {
    const rondo::Dataset all = rondo::data::parse_multi_label(bytes, "fuzz", ",", {.format = format}).train;
    rondo::data::label_counts(all);
    rondo::data::with_labels(all, {"a", "b"});
    all.split(0.5, 0.3, 0.2);
  } catch (const rondo::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  using rondo::data::FileFormat;
  for (const auto format :
       {FileFormat::automatic, FileFormat::tsv, FileFormat::csv, FileFormat::jsonl, FileFormat::json}) {
    read_and_encode(bytes, format);
    read_several_labels(bytes, format);
  }
  read_several_labels(bytes, FileFormat::fasttext);
  return 0;
}
