#include "base/plugin.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <vector>

#include <dlfcn.h>
#include <link.h>

#include "base/message.h"

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

#ifdef RONDO_SANITIZED
constexpr int open_mode = RTLD_NOW | RTLD_LOCAL;  // sanitizers must see every malloc, but DEEPBIND hides some
#else
constexpr int open_mode = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND;
#endif

/// The folder of the library (of the program, when linked statically).
fs::path own_folder() {
  Dl_info info{};
  void* object = nullptr;
  if (dladdr1(reinterpret_cast<const void*>(&open_plugin), &info, &object, RTLD_DL_LINKMAP) == 0) return {};
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

}  // namespace

Plugin open_plugin(const char* name, const char* symbol) {
  std::vector<std::string> tried;
  for (const fs::path& folder : plugin_folders()) {
    const fs::path file = folder / name;
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
      tried.push_back(folder.string());
      continue;
    }
    void* handle = dlopen(file.c_str(), open_mode);
    if (handle == nullptr) return {nullptr, std::string("cannot be opened: ") + dlerror()};
    void* const found = dlsym(handle, symbol);
    if (found == nullptr) return {nullptr, quote(file.string()) + " belongs to another version of rondo"};
    return {found, {}};
  }
  return {nullptr, "was not found" + (tried.empty() ? "" : " in " + enumerate(tried, "or"))};
}

}  // namespace rondo
