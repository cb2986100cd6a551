/// Checks of the user's file names, before anything is read or written.
#pragma once
#include <filesystem>

namespace rondo::program {

/// Whether both names mean the same file. Links are followed, and the file need not exist yet.
bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

/// Throws Error(io) for a file that cannot be opened. Pipes are left alone: opening one takes from it.
void check_readable(const std::filesystem::path& file);

/// Error(option) for `--out -`: a model is a file that others read at any place.
void refuse_standard_output(const std::filesystem::path& out);

}  // namespace rondo::program
