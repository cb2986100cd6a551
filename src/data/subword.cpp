#include "data/subword.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <numeric>

#include <dlfcn.h>
#include <link.h>

#include <rondo/error.h>

#include "base/message.h"
#include "base/random.h"
#include "data/subword_plugin/interface.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RONDO_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RONDO_SANITIZED 1
#endif
#endif

namespace rondo {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_limit = 4000, sample_limit = 10'000'000;
constexpr const char* plugin_name = "librondo_subword.so";

#ifdef RONDO_SANITIZED
constexpr int open_mode = RTLD_NOW | RTLD_LOCAL;  // sanitizers must see every malloc, but DEEPBIND hides some
#else
constexpr int open_mode = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND;
#endif

/// The folder of the library (of the program, when linked statically).
fs::path own_folder() {
  Dl_info info{};
  void* object = nullptr;
  if (dladdr1(reinterpret_cast<const void*>(&subwords_available), &info, &object, RTLD_DL_LINKMAP) == 0)
    return {};
  // The program has no link-map name, and dli_fname is the name it was called by, such as "rondo" from PATH.
  const char* const name = static_cast<const link_map*>(object)->l_name;
  std::error_code ignored;
  if (name == nullptr || *name == '\0') return fs::read_symlink("/proc/self/exe", ignored).parent_path();
  return fs::weakly_canonical(name, ignored).parent_path();
}

std::vector<fs::path> plugin_folders() {
  std::vector<fs::path> folders;
  if (const char* asked = std::getenv("RONDO_PLUGIN_PATH")) {
    std::string_view left = asked;
    while (!left.empty()) {
      const std::size_t end = std::min(left.find(':'), left.size());
      if (end > 0) folders.emplace_back(left.substr(0, end));
      left.remove_prefix(std::min(end + 1, left.size()));
    }
  }
  if (const fs::path own = own_folder(); !own.empty()) {
    folders.push_back(own);
    folders.push_back(own.parent_path() / "lib");
  }
#ifdef RONDO_LIBRARY_FOLDER
  folders.emplace_back(RONDO_LIBRARY_FOLDER);
#endif
  return folders;
}

struct Plugin {
  const RondoSubwordInterface* interface = nullptr;
  std::string failure;  // why there is none
};

Plugin open_plugin() {
  std::vector<std::string> tried;
  for (const fs::path& folder : plugin_folders()) {
    const fs::path file = folder / plugin_name;
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
      tried.push_back(folder.string());
      continue;
    }
    void* handle = dlopen(file.c_str(), open_mode);
    if (handle == nullptr) return {nullptr, std::string("cannot be opened: ") + dlerror()};
    using Entry = const RondoSubwordInterface* (*)();
    const auto entry = reinterpret_cast<Entry>(dlsym(handle, RONDO_SUBWORD_SYMBOL));
    if (entry == nullptr || entry()->version != RONDO_SUBWORD_VERSION)
      return {nullptr, quote(file.string()) + " belongs to another version of rondo"};
    return {entry(), {}};
  }
  return {nullptr, "was not found" + (tried.empty() ? "" : " in " + enumerate(tried, "or"))};
}

/// Opened once, never closed: a model may live until the program ends.
const Plugin& plugin() {
  static const Plugin opened = open_plugin();
  return opened;
}

const RondoSubwordInterface& required_plugin() {
  if (plugin().interface == nullptr)
    fail(ErrorKind::option,
         std::string("tokenizer 'subwords' needs ") + plugin_name + ", which " + plugin().failure +
             "; a rondo built with SentencePiece (libsentencepiece-dev) has it: copy it beside the program, "
             "name its folder in RONDO_PLUGIN_PATH, or use 'words'");
  return *plugin().interface;
}

void take_bytes(void* to, const char* bytes, std::size_t size) {
  static_cast<std::string*>(to)->assign(bytes, size);
}

void take_ids(void* to, const std::int32_t* ids, std::size_t count) {
  static_cast<std::vector<std::int32_t>*>(to)->assign(ids, ids + count);
}

/// All texts, or a sample of about 10 MB, in order.
std::vector<RondoSubwordText> sample(std::span<const std::string> texts, std::uint64_t seed) {
  std::vector<std::uint32_t> chosen(texts.size());
  std::iota(chosen.begin(), chosen.end(), 0U);
  const std::size_t total =
      std::accumulate(texts.begin(), texts.end(), std::size_t{0},
                      [](std::size_t sum, const auto& text) { return sum + text.size(); });
  if (total > sample_limit) {
    chosen = permutation(static_cast<std::uint32_t>(texts.size()), seed, hash_of("subwords"));
    std::size_t size = 0, count = 0;
    while (count < chosen.size() && size + texts[chosen[count]].size() <= sample_limit)
      size += texts[chosen[count++]].size();
    chosen.resize(std::max<std::size_t>(count, 1));
    std::sort(chosen.begin(), chosen.end());
  }
  std::vector<RondoSubwordText> pieces;
  std::size_t left = sample_limit;
  for (const std::uint32_t text : chosen) {
    for (const std::string_view piece : in_pieces(texts[text], piece_limit)) {
      if (piece.size() > left) return pieces;
      left -= piece.size();
      pieces.push_back({piece.data(), piece.size()});
    }
  }
  return pieces;
}

}  // namespace

bool subwords_available() {
  return plugin().interface != nullptr;
}

std::vector<std::string_view> in_pieces(std::string_view text, std::size_t limit) {
  std::vector<std::string_view> pieces;
  while (text.size() > limit) {
    std::size_t end = limit;
    while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
      --end;
    if (const std::size_t space = text.rfind(' ', end - 1); space != text.npos && space > 0) end = space + 1;
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  if (!text.empty()) pieces.push_back(text);
  return pieces;
}

std::shared_ptr<const SubwordModel> SubwordModel::train(std::span<const std::string> texts, int pieces,
                                                        std::uint64_t seed) {
  const std::vector<RondoSubwordText> sampled = sample(texts, seed);
  if (sampled.empty()) fail(ErrorKind::data, "subwords: all texts are empty; there is nothing to learn from");
  std::string model;
  std::array<char, 512> reason{};
  if (!required_plugin().train(sampled.data(), sampled.size(), pieces, static_cast<std::uint32_t>(seed),
                               take_bytes, &model, reason.data(), reason.size()))
    fail(ErrorKind::option,
         "subwords: no " + std::to_string(pieces) + " pieces could be learned: " + reason.data());
  return load(std::move(model));
}

std::shared_ptr<const SubwordModel> SubwordModel::load(std::string bytes) {
  std::array<char, 512> reason{};
  void* loaded = required_plugin().load({bytes.data(), bytes.size()}, reason.data(), reason.size());
  if (loaded == nullptr)
    fail(ErrorKind::format, std::string("subwords: the model's bytes are damaged: ") + reason.data());
  return std::shared_ptr<const SubwordModel>(new SubwordModel(std::move(bytes), loaded));
}

SubwordModel::~SubwordModel() {
  required_plugin().unload(loaded_);
}

std::vector<std::string> SubwordModel::pieces() const {
  std::vector<std::string> all;
  const int count = required_plugin().size(loaded_);
  for (int id = 0; id < count; ++id)
    all.emplace_back(required_plugin().piece(loaded_, id));
  return all;
}

std::vector<std::int32_t> SubwordModel::encode(std::string_view text) const {
  std::vector<std::int32_t> ids;
  std::array<char, 512> reason{};
  if (!required_plugin().encode(loaded_, {text.data(), text.size()}, take_ids, &ids, reason.data(),
                                reason.size()))
    throw Bug(std::string("subwords: encoding failed: ") + reason.data());
  return ids;
}

std::string SubwordModel::decode(std::span<const std::int32_t> ids) const {
  std::string text;
  std::array<char, 512> reason{};
  if (!required_plugin().decode(loaded_, ids.data(), ids.size(), take_bytes, &text, reason.data(),
                                reason.size()))
    throw Bug(std::string("subwords: decoding failed: ") + reason.data());
  return text;
}

}  // namespace rondo
