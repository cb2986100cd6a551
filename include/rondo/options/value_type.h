/// The types of fields as objects. JSON, command lines and option tables are ordinary functions over
/// ValueRef, compiled once. value_of.h makes a ValueRef of any field.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <rondo/description.h>

namespace [[gnu::visibility("default")]] rondo {
namespace detail {

enum class ValueKind { truth, whole, real, text, path, choice, optional, list, map, variant, object };

/// The base of all types of fields. `kind` says which of the classes below an object belongs to.
class ValueType {
 public:
  ValueType(ValueKind a_kind, bool is_required) : kind(a_kind), required(is_required) {}
  virtual ~ValueType() = default;
  ValueKind kind;
  bool required;  ///< has no default
};

/// A reference to a value and its type.
struct ValueRef {
  void* at;
  const ValueType* type;
};

struct TruthType : ValueType {
  using ValueType::ValueType;
  virtual bool get(const void* at) const = 0;
  virtual void set(void* at, bool value) const = 0;
};

struct WholeType : ValueType {
  using ValueType::ValueType;
  bool is_signed = true;
  std::int64_t low = 0;                                ///< the type's smallest value
  std::uint64_t high = 0;                              ///< the type's largest value
  virtual std::int64_t get(const void* at) const = 0;  ///< for an unsigned type, the value's bits
  /// Sets the value from its bits. The caller has checked it against low and high.
  virtual void set(void* at, std::int64_t bits) const = 0;
};

struct RealType : ValueType {
  using ValueType::ValueType;
  bool single = false;  ///< float
  virtual double get(const void* at) const = 0;
  virtual void set(void* at, double value) const = 0;
};

/// Text and paths.
struct TextType : ValueType {
  using ValueType::ValueType;
  virtual std::string get(const void* at) const = 0;
  virtual void set(void* at, std::string value) const = 0;
};

struct ChoiceType : ValueType {
  using ValueType::ValueType;
  virtual std::vector<std::string> names() const = 0;
  virtual std::size_t get(const void* at) const = 0;
  virtual void set(void* at, std::size_t number) const = 0;
};

/// Optionals (no item or one), lists and maps. Items have names in a map; in a list their name is "".
struct ManyType : ValueType {
  using ValueType::ValueType;
  virtual void clear(void* at) const = 0;
  /// Makes a fresh item, hands it to `fill`, and adds it.
  virtual void add(void* at, const std::string& name, const std::function<void(ValueRef)>& fill) const = 0;
  virtual void for_each(void* at, const std::function<void(const std::string&, ValueRef)>& visit) const = 0;
  /// Calls visit with a fresh item, which shows the items' type.
  virtual void with_item(const std::function<void(ValueRef)>& visit) const = 0;
};

struct VariantType : ValueType {
  using ValueType::ValueType;
  virtual std::vector<std::string> names() const = 0;
  virtual std::size_t index(const void* at) const = 0;
  virtual void choose(void* at, std::size_t index) const = 0;
  /// The alternative that the variant holds. It is an object.
  virtual ValueRef held(void* at) const = 0;
  virtual void with_alternative(std::size_t index, const std::function<void(ValueRef)>& visit) const = 0;
};

/// One field of an object.
struct FieldRef {
  std::string_view name, help, section;  ///< section: title of the group it belongs to
  double low, high;
  ValueRef value;
};

/// A shortcut and its place: before field number `before`.
struct ShortcutRef {
  FieldShortcut shortcut;
  std::string_view section;
  std::size_t before;
};

struct ObjectType : ValueType {
  using ValueType::ValueType;
  std::string_view type_name;  ///< the description's `type`, or ""
  virtual std::vector<FieldRef> fields(void* at) const = 0;
  virtual std::vector<ShortcutRef> shortcuts() const = 0;
};

}  // namespace detail
}  // namespace rondo
