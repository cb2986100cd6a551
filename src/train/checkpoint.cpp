#include "train/checkpoint.h"

#include <algorithm>
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

/// "000042" is 42; nothing for any other name.
std::optional<std::uint64_t> number_of(const std::string& name) {
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

/// Complete checkpoints by number, and unfinished ones.
struct Listing {
  std::map<std::uint64_t, fs::path> complete;
  std::vector<fs::path> leftovers;
};

Listing list(const fs::path& folder) {
  Listing found;
  std::error_code error;
  if (!fs::exists(folder, error) && !error) return found;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (const auto number = number_of(name))
      found.complete[*number] = entry->path();
    else if (name.rfind(unfinished, 0) == 0)
      found.leftovers.push_back(entry->path());
  }
  if (error) fail_io(folder, "list the checkpoints", error.value());
  return found;
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
  remove_folder(removed);
}

}  // namespace

void write_checkpoint(const fs::path& folder, int keep, const CheckpointContent& content) {
  make_folder(folder);
  const Listing before = list(folder);
  for (const fs::path& leftover : before.leftovers)
    remove_folder(leftover);
  const std::string name = name_for(before.complete.empty() ? 1 : before.complete.rbegin()->first + 1);
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

std::optional<CheckpointContent> read_newest_checkpoint(const fs::path& folder) {
  const std::optional<fs::path> newest = newest_checkpoint(folder);
  if (!newest) return std::nullopt;
  CheckpointContent content;
  content.weights = read_tensors(*newest / "weights.safetensors", &content.header);
  content.optimizer = read_tensors(*newest / "optimizer.safetensors");
  content.kept = read_tensors(*newest / "kept.safetensors");
  for (const auto& [tensors, file] : {std::pair(&content.average, "average.safetensors"),
                                      std::pair(&content.carried, "carried.safetensors")})
    if (fs::exists(*newest / file)) *tensors = read_tensors(*newest / file);
  content.state = read_json(*newest / "state.json");
  return content;
}

void remove_checkpoints(const fs::path& folder) {
  const Listing found = list(folder);
  for (const fs::path& leftover : found.leftovers)
    remove_folder(leftover);
  for (const auto& each : found.complete)
    retire(each.second);
}

}  // namespace rondo
