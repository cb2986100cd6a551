/// Makes the ValueType for each field type.
///
/// A field may be bool, an integer, float, double, std::string, std::filesystem::path, a NamedEnum, a nested
/// Description, or a std::variant of Descriptions (distinguished by their `type`). It may also be Required,
/// std::optional, std::vector or std::map<std::string, ...> of these.
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <rondo/options/value_type.h>

namespace [[gnu::visibility("default")]] rondo {
namespace detail {

template <class T>
ValueRef ref_to(const T& value);

template <class T>
struct TruthOf final : TruthType {
  explicit TruthOf(bool is_required) : TruthType(ValueKind::truth, is_required) {}
  bool get(const void* at) const override { return *static_cast<const T*>(at); }
  void set(void* at, bool value) const override { *static_cast<T*>(at) = value; }
};

template <class T>
struct WholeOf final : WholeType {
  explicit WholeOf(bool is_required) : WholeType(ValueKind::whole, is_required) {
    is_signed = std::is_signed_v<T>;
    low = is_signed ? static_cast<std::int64_t>(std::numeric_limits<T>::min()) : 0;
    high = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
  }
  std::int64_t get(const void* at) const override {
    return static_cast<std::int64_t>(*static_cast<const T*>(at));
  }
  void set(void* at, std::int64_t bits) const override { *static_cast<T*>(at) = static_cast<T>(bits); }
};

template <class T>
struct RealOf final : RealType {
  explicit RealOf(bool is_required) : RealType(ValueKind::real, is_required) {
    single = std::is_same_v<T, float>;
  }
  double get(const void* at) const override { return static_cast<double>(*static_cast<const T*>(at)); }
  void set(void* at, double value) const override { *static_cast<T*>(at) = static_cast<T>(value); }
};

template <class T>
struct TextOf final : TextType {
  static constexpr bool is_path = std::is_same_v<T, std::filesystem::path>;
  explicit TextOf(bool is_required) : TextType(is_path ? ValueKind::path : ValueKind::text, is_required) {}
  std::string get(const void* at) const override {
    if constexpr (is_path)
      return static_cast<const T*>(at)->string();
    else
      return *static_cast<const T*>(at);
  }
  void set(void* at, std::string value) const override { *static_cast<T*>(at) = std::move(value); }
};

template <NamedEnum T>
struct ChoiceOf final : ChoiceType {
  explicit ChoiceOf(bool is_required) : ChoiceType(ValueKind::choice, is_required) {}
  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& name : names_of(T{}))
      names.emplace_back(name);
    return names;
  }
  std::size_t get(const void* at) const override {
    return static_cast<std::size_t>(*static_cast<const T*>(at));
  }
  void set(void* at, std::size_t number) const override { *static_cast<T*>(at) = static_cast<T>(number); }
};

using Visit = std::function<void(ValueRef)>;
using NamedVisit = std::function<void(const std::string&, ValueRef)>;

template <class T>
struct OptionalOf final : ManyType {
  using Item = typename T::value_type;
  explicit OptionalOf(bool is_required) : ManyType(ValueKind::optional, is_required) {}
  void clear(void* at) const override { static_cast<T*>(at)->reset(); }
  void add(void* at, const std::string&, const Visit& fill) const override {
    Item item = Blank::of<Item>();
    fill(ref_to(item));
    *static_cast<T*>(at) = std::move(item);
  }
  void for_each(void* at, const NamedVisit& visit) const override {
    if (const T& held = *static_cast<T*>(at)) visit({}, ref_to(*held));
  }
  void with_item(const Visit& visit) const override { visit(ref_to(Blank::of<Item>())); }
};

template <class T>
struct ListOf final : ManyType {
  using Item = typename T::value_type;
  explicit ListOf(bool is_required) : ManyType(ValueKind::list, is_required) {}
  void clear(void* at) const override { static_cast<T*>(at)->clear(); }
  void add(void* at, const std::string&, const Visit& fill) const override {
    Item item = Blank::of<Item>();
    fill(ref_to(item));
    static_cast<T*>(at)->push_back(std::move(item));
  }
  void for_each(void* at, const NamedVisit& visit) const override {
    for (const Item& item : *static_cast<T*>(at))  // for std::vector<bool>, `item` is a copy
      visit({}, ref_to(item));
  }
  void with_item(const Visit& visit) const override { visit(ref_to(Blank::of<Item>())); }
};

template <class T>
struct MapOf final : ManyType {
  using Item = typename T::mapped_type;
  explicit MapOf(bool is_required) : ManyType(ValueKind::map, is_required) {}
  void clear(void* at) const override { static_cast<T*>(at)->clear(); }
  void add(void* at, const std::string& name, const Visit& fill) const override {
    Item item = Blank::of<Item>();
    fill(ref_to(item));
    static_cast<T*>(at)->insert_or_assign(name, std::move(item));
  }
  void for_each(void* at, const NamedVisit& visit) const override {
    for (auto& [name, item] : *static_cast<T*>(at))
      visit(name, ref_to(item));
  }
  void with_item(const Visit& visit) const override { visit(ref_to(Blank::of<Item>())); }
};

template <class T>
struct VariantOf;
template <class... D>
struct VariantOf<std::variant<D...>> final : VariantType {
  using T = std::variant<D...>;
  explicit VariantOf(bool is_required) : VariantType(ValueKind::variant, is_required) {}
  std::vector<std::string> names() const override { return {std::string(D::type)...}; }
  std::size_t index(const void* at) const override { return static_cast<const T*>(at)->index(); }
  void choose(void* at, std::size_t index) const override {
    std::size_t i = 0;
    static_cast<void>(((i++ == index && (*static_cast<T*>(at) = Blank::of<D>(), true)) || ...));
  }
  ValueRef held(void* at) const override {
    return std::visit([](auto& alternative) { return ref_to(alternative); }, *static_cast<T*>(at));
  }
  void with_alternative(std::size_t index, const Visit& visit) const override {
    std::size_t i = 0;
    static_cast<void>(((i++ == index && (visit(ref_to(Blank::of<D>())), true)) || ...));
  }
};

template <class D, class Object>
void add_fields(std::vector<FieldRef>& fields, Object& object, std::string_view section) {
  const auto add = [&]<class Entry>(const Entry& f) {
    if constexpr (std::is_same_v<Entry, FieldShortcut>)
      return;
    else if constexpr (requires { f.title; })
      add_fields<std::remove_cvref_t<decltype(object.*f.member)>>(fields, object.*f.member, f.title);
    else
      fields.push_back({f.name, f.help, section, f.low, f.high, ref_to(object.*f.member)});
  };
  std::apply([&](const auto&... f) { (add(f), ...); }, D::fields());
}

template <class D>
void add_shortcuts(std::vector<ShortcutRef>& shortcuts, std::size_t& fields, std::string_view section) {
  const auto add = [&]<class Entry>(const Entry& f) {
    if constexpr (std::is_same_v<Entry, FieldShortcut>)
      shortcuts.push_back({f, section, fields});
    else if constexpr (requires { f.title; })
      add_shortcuts<std::remove_cvref_t<decltype(std::declval<D&>().*f.member)>>(shortcuts, fields, f.title);
    else
      ++fields;
  };
  std::apply([&](const auto&... f) { (add(f), ...); }, D::fields());
}

template <Description D>
struct ObjectOf final : ObjectType {
  explicit ObjectOf(bool is_required) : ObjectType(ValueKind::object, is_required) {
    if constexpr (requires { std::string_view(D::type); }) type_name = D::type;
  }
  std::vector<FieldRef> fields(void* at) const override {
    std::vector<FieldRef> fields;
    add_fields<D>(fields, *static_cast<D*>(at), {});
    return fields;
  }
  std::vector<ShortcutRef> shortcuts() const override {
    std::vector<ShortcutRef> shortcuts;
    std::size_t fields = 0;
    add_shortcuts<D>(shortcuts, fields, {});
    return shortcuts;
  }
};

template <class T>
struct IsRequired : std::false_type {};
template <class T>
struct IsRequired<Required<T>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsList : std::false_type {};
template <class T>
struct IsList<std::vector<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {};

template <class T>
auto type_for() {
  if constexpr (IsOptional<T>::value)
    return std::type_identity<OptionalOf<T>>{};
  else if constexpr (IsList<T>::value)
    return std::type_identity<ListOf<T>>{};
  else if constexpr (IsMap<T>::value)
    return std::type_identity<MapOf<T>>{};
  else if constexpr (!std::is_void_v<typename FirstAlternative<T>::type>)
    return std::type_identity<VariantOf<T>>{};
  else if constexpr (Description<T>)
    return std::type_identity<ObjectOf<T>>{};
  else if constexpr (NamedEnum<T>)
    return std::type_identity<ChoiceOf<T>>{};
  else if constexpr (std::is_same_v<T, bool>)
    return std::type_identity<TruthOf<T>>{};
  else if constexpr (std::is_integral_v<T>)
    return std::type_identity<WholeOf<T>>{};
  else if constexpr (std::is_floating_point_v<T>)
    return std::type_identity<RealOf<T>>{};
  else {
    static_assert(std::is_same_v<T, std::string> || std::is_same_v<T, std::filesystem::path>,
                  "a description cannot hold a field of this type");
    return std::type_identity<TextOf<T>>{};
  }
}

/// A reference to a value. Code that only reads does not write through it.
template <class T>
ValueRef ref_to(const T& value) {
  if constexpr (IsRequired<T>::value) {
    using Held = typename T::value_type;
    static const typename decltype(type_for<Held>())::type type(true);
    return {const_cast<Held*>(&value.value()), &type};
  } else {
    static const typename decltype(type_for<T>())::type type(false);
    return {const_cast<T*>(&value), &type};
  }
}

}  // namespace detail
}  // namespace rondo
