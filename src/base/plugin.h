/// Plug-ins: parts of rondo in shared objects of their own, opened on first use, because of what they link.
#pragma once
#include <string>

namespace rondo {

/// The address of a plug-in's symbol, or why there is none.
struct Plugin {
  void* symbol = nullptr;
  std::string failure = {};  ///< "was not found in ...", "cannot be opened: ..."
};

/// Opens `file` ("librondo_subword.so") from the folders of RONDO_PLUGIN_PATH, the library's own and `lib`
/// beside it, with its symbols kept local. It stays open until the program ends.
Plugin open_plugin(const char* file, const char* symbol);

}  // namespace rondo
