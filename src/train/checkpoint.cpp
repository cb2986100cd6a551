#include "train/checkpoint.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <system_error>

#include "autograd/visit.h"
#include "base/files.h"
#include "base/message.h"
#include "base/safetensors.h"

namespace rondo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view unfinished = "unfinished-";

/// All files of a checkpoint. Nothing else in the folders here is ever removed.
constexpr std::array<std::string_view, 6> own_files = {
    "state.json",       "weights.safetensors", "optimizer.safetensors",
    "kept.safetensors", "average.safetensors", "carried.safetensors"};

/// "000042" is 42; nothing for any other name.
std::optional<std::uint64_t> number_of(std::string_view name) {
  std::uint64_t number = 0;
  const char* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, number);
  if (name.size() < 6 || error != std::errc() || rest != end) return std::nullopt;
  return number;
}

std::string name_for(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(6 - std::min<std::size_t>(6, digits.size()), '0') + digits;
}

/// Whether a file is a checkpoint's, or its temporary form that a killed process left.
bool is_own(std::string_view name) {
  return std::any_of(own_files.begin(), own_files.end(), [&](std::string_view own) {
    return name == own || (name.starts_with(".") && name.substr(1).starts_with(own));
  });
}

/// Whether a folder holds a state that this or another version wrote: whatever else is named like a
/// checkpoint is the user's.
bool has_state(const fs::path& folder) {
  try {
    const Json state = read_json(folder / "state.json");
    return state.is_object() && state.contains("version") && state.contains("options");
  } catch (const Error&) {
    return false;
  }
}

/// Numbered folders, and unfinished ones.
struct Listing {
  std::map<std::uint64_t, fs::path> complete;
  std::map<std::uint64_t, fs::path> damaged;  ///< with files of a checkpoint, but without a valid state
  std::vector<fs::path> leftovers;
};

void sort_in(Listing& found, const fs::path& folder) {
  const std::string name = folder.filename().string();
  const bool begun = name.starts_with(unfinished);
  const auto number = number_of(begun ? std::string_view(name).substr(unfinished.size()) : name);
  if (!number) return;
  if (begun)
    found.leftovers.push_back(folder);
  else if (has_state(folder))
    found.complete[*number] = folder;
  else if (std::any_of(own_files.begin(), own_files.end(),
                       [&](std::string_view own) { return fs::exists(folder / own); }))
    found.damaged[*number] = folder;
}

Listing list(const fs::path& folder) {
  Listing found;
  std::error_code error;
  if (!fs::exists(folder, error) && !error) return found;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (entry->symlink_status().type() == fs::file_type::directory) sort_in(found, entry->path());
  if (error) fail_io(folder, "list the checkpoints", error.value());
  return found;
}

/// Removes the files of a checkpoint, and the folder unless the user keeps something there.
void remove_own(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (is_own(entry->path().filename().string())) files.push_back(entry->path());
  for (const fs::path& file : files)
    if (!error) fs::remove(file, error);
  if (error) fail_io(folder, "remove an old checkpoint", error.value());
  fs::remove(folder, error);  // fails, rightly, on a folder that is not empty
}

/// The name of the next checkpoint. Folders of other things keep their names.
std::string next_name(const fs::path& folder, const Listing& before) {
  std::uint64_t number = before.complete.empty() ? 1 : before.complete.rbegin()->first + 1;
  while (fs::exists(folder / name_for(number)) ||
         fs::exists(folder / (std::string(unfinished) + name_for(number))))
    ++number;
  return name_for(number);
}

void write_tensors(const fs::path& file, const NamedTensors& tensors,
                   const safetensors::Metadata& metadata = {}) {
  std::vector<safetensors::Item> items;
  for (const auto& tensor : tensors)
    visit_float(tensor.second.dtype(), "checkpoint", [&]<class T>() {
      items.push_back(safetensors::item(tensor.first, tensor.second.shape(), tensor.second.data<T>()));
    });
  safetensors::write(file, metadata, std::move(items), safetensors::Sums::crc64);
}

NamedTensors read_tensors(const fs::path& file, std::string* header = nullptr) {
  const safetensors::Reader reader(file);
  NamedTensors tensors;
  for (const safetensors::Entry& entry : reader.entries()) {
    const DType type = entry.type == safetensors::Type::f64 ? DType::f64 : DType::f32;
    Tensor tensor = Tensor::uninitialised(entry.shape, type);
    visit_float(type, "checkpoint", [&]<class T>() { reader.read(entry, tensor.data<T>()); });
    tensors.emplace_back(entry.name, std::move(tensor));
  }
  const auto found = reader.metadata().find("header");
  if (header != nullptr && found != reader.metadata().end()) *header = found->second;
  return tensors;
}

/// Removes a complete checkpoint. It loses its number first, so that half of a checkpoint never looks
/// complete.
void retire(const fs::path& checkpoint) {
  const fs::path removed =
      checkpoint.parent_path() / (std::string(unfinished) + checkpoint.filename().string());
  std::error_code error;
  fs::rename(checkpoint, removed, error);
  if (error) fail_io(checkpoint, "remove an old checkpoint", error.value());
  remove_own(removed);
}

CheckpointContent read_checkpoint(const fs::path& folder) {
  CheckpointContent content;
  content.weights = read_tensors(folder / "weights.safetensors", &content.header);
  content.optimizer = read_tensors(folder / "optimizer.safetensors");
  content.kept = read_tensors(folder / "kept.safetensors");
  for (const auto& [tensors, file] : {std::pair(&content.average, "average.safetensors"),
                                      std::pair(&content.carried, "carried.safetensors")})
    if (fs::exists(folder / file)) *tensors = read_tensors(folder / file);
  content.state = read_json(folder / "state.json");
  return content;
}

}  // namespace

void write_checkpoint(const fs::path& folder, int keep, const CheckpointContent& content) {
  make_folder(folder);
  const Listing before = list(folder);
  for (const fs::path& leftover : before.leftovers)
    remove_own(leftover);
  const std::string name = next_name(folder, before);
  const fs::path temporary = folder / (std::string(unfinished) + name);
  make_folder(temporary);
  try {
    write_tensors(temporary / "weights.safetensors", content.weights, {{"header", content.header}});
    write_tensors(temporary / "optimizer.safetensors", content.optimizer);
    write_tensors(temporary / "kept.safetensors", content.kept);
    if (!content.average.empty()) write_tensors(temporary / "average.safetensors", content.average);
    if (!content.carried.empty()) write_tensors(temporary / "carried.safetensors", content.carried);
    write_file_atomically(temporary / "state.json", dump_json(content.state, 1) + "\n");
    publish_folder(temporary, folder / name);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(temporary, ignored);
    throw;
  }
  // Oldest first, and only after the new one is on the disk.
  const Listing after = list(folder);
  auto surplus = static_cast<std::ptrdiff_t>(after.complete.size()) - keep;
  for (auto old = after.complete.begin(); surplus > 0; ++old, --surplus)
    retire(old->second);
}

std::optional<fs::path> newest_checkpoint(const fs::path& folder) {
  const Listing found = list(folder);
  if (found.complete.empty()) return std::nullopt;
  return found.complete.rbegin()->second;
}

std::optional<CheckpointContent> read_newest_checkpoint(
    const fs::path& folder, const std::function<void(const std::string&)>& notice) {
  const Listing found = list(folder);
  std::string damage;
  const auto pass_over = [&](const fs::path& checkpoint, const std::string& why) {
    const std::string what = "the checkpoint " + checkpoint.string() + " is damaged";
    if (damage.empty()) damage = what + " (" + why + ")";
    notice(what + " and is passed over: " + why);
  };
  const std::uint64_t newest = found.complete.empty() ? 0 : found.complete.rbegin()->first;
  for (const auto& [number, checkpoint] : found.damaged)
    if (number > newest) pass_over(checkpoint, "its state.json is missing or no state of a training run");
  for (auto each = found.complete.rbegin(); each != found.complete.rend(); ++each) {
    try {
      return read_checkpoint(each->second);
    } catch (const Error& error) {
      pass_over(each->second, error.what());
    }
  }
  if (damage.empty()) return std::nullopt;
  fail(ErrorKind::format, "cannot resume from " + folder.string() + ": no checkpoint there is whole; " +
                              damage + "; train anew without resuming");
}

}  // namespace rondo
