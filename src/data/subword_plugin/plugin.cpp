#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include "data/subword_plugin/interface.h"

namespace {

using sentencepiece::SentencePieceProcessor;

int refuse(const std::string& reason, char* error, size_t size) noexcept {
  if (size == 0) return 0;
  const size_t length = std::min(reason.size(), size - 1);
  std::memcpy(error, reason.data(), length);
  error[length] = '\0';
  return 0;
}

/// Runs `work` (which returns a Status) and turns its failure, or an exception, into text.
template <class Work>
int guarded(char* error, size_t size, Work&& work) noexcept {
  try {
    const sentencepiece::util::Status status = work();
    return status.ok() ? 1 : refuse(status.ToString(), error, size);
  } catch (const std::exception& exception) {
    return refuse(exception.what(), error, size);
  } catch (...) {
    return refuse("unknown failure", error, size);
  }
}

const SentencePieceProcessor& processor(const void* loaded) {
  return *static_cast<const SentencePieceProcessor*>(loaded);
}

class Texts final : public sentencepiece::SentenceIterator {
 public:
  Texts(const RondoSubwordText* texts, size_t count) : texts_(texts), count_(count) { show(); }
  bool done() const override { return at_ == count_; }
  void Next() override {
    ++at_;
    show();
  }
  const std::string& value() const override { return value_; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  void show() {
    if (!done()) value_.assign(texts_[at_].data, texts_[at_].size);
  }

  const RondoSubwordText* texts_;
  size_t count_, at_ = 0;
  std::string value_;
};

sentencepiece::util::Status learn(Texts& texts, int pieces, double coverage, std::string& model) {
  // One thread, because the vocabulary depends on the number of threads. Normalisation is off, because ours
  // ran before. Log level 4 silences the library.
  const std::unordered_map<std::string, std::string> settings = {
      {"model_type", "unigram"},
      {"vocab_size", std::to_string(pieces)},
      {"num_threads", "1"},
      {"hard_vocab_limit", "false"},
      {"normalization_rule_name", "identity"},
      {"minloglevel", "4"},
      {"character_coverage", std::to_string(coverage)},
  };
  return sentencepiece::SentencePieceTrainer::Train(settings, &texts, &model);
}

int train(const RondoSubwordText* texts, size_t count, int pieces, double coverage, uint32_t seed,
          RondoSubwordBytes take, void* context, char* error, size_t error_size) {
  return guarded(error, error_size, [&] {
    std::string model;
    sentencepiece::util::Status status;
    std::exception_ptr thrown;
    // The library seeds its generator once per thread. A new thread makes this training independent of
    // others.
    std::thread([&] {
      try {
        sentencepiece::SetRandomGeneratorSeed(seed);
        Texts all(texts, count);
        status = learn(all, pieces, coverage, model);
      } catch (...) {
        thrown = std::current_exception();
      }
    }).join();
    if (thrown) std::rethrow_exception(thrown);
    if (status.ok()) take(context, model.data(), model.size());
    return status;
  });
}

void* load(RondoSubwordText model, char* error, size_t error_size) {
  std::unique_ptr<SentencePieceProcessor> loaded;
  const int loads = guarded(error, error_size, [&] {
    loaded = std::make_unique<SentencePieceProcessor>();
    return loaded->LoadFromSerializedProto(std::string(model.data, model.size));
  });
  return loads ? loaded.release() : nullptr;
}

void unload(void* loaded) {
  delete static_cast<SentencePieceProcessor*>(loaded);
}

int size(const void* loaded) {
  return processor(loaded).GetPieceSize();
}

const char* piece(const void* loaded, int id) {
  return processor(loaded).IdToPiece(id).c_str();
}

int encode(const void* loaded, RondoSubwordText text, RondoSubwordIds take, void* context, char* error,
           size_t error_size) {
  return guarded(error, error_size, [&] {
    std::vector<int> ids;
    const auto status = processor(loaded).Encode(absl::string_view(text.data, text.size), &ids);
    if (status.ok()) take(context, ids.data(), ids.size());
    return status;
  });
}

int decode(const void* loaded, const int32_t* ids, size_t count, RondoSubwordBytes take, void* context,
           char* error, size_t error_size) {
  return guarded(error, error_size, [&] {
    std::string text;
    const auto status = processor(loaded).Decode(std::vector<int>(ids, ids + count), &text);
    if (status.ok()) take(context, text.data(), text.size());
    return status;
  });
}

}  // namespace

extern "C" [[gnu::visibility("default")]] const RondoSubwordInterface* rondo_subword_interface() {
  static const RondoSubwordInterface interface = {
      RONDO_SUBWORD_VERSION, train, load, unload, size, piece, encode, decode};
  return &interface;
}
