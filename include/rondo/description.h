/// Descriptions: options as plain aggregates. One place gives each field its name, help and bounds.
///
/// A description is an aggregate with a static `fields()`. JSON, the command line, range checks, help and the
/// tables of the documentation read only that:
///
///     struct Options {
///       int units = 64;
///       static constexpr auto fields() {
///         return std::tuple{field("units", &Options::units, "size of the hidden state", 1, 8192)};
///       }
///     };
#pragma once
#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace [[gnu::visibility("default")]] rondo {

/// Whether a braced value of type U may set an option of type T: a count takes no fraction and no bool.
template <class U, class T>
concept Gives = std::convertible_to<U, T> &&
    (!std::is_arithmetic_v<T> || std::same_as<std::remove_cvref_t<U>, bool> ==
                                     std::same_as<T, bool>)&&(!std::integral<T> ||
                                                              std::integral<std::remove_cvref_t<U>>);

namespace detail {
template <class T>
struct FirstAlternative {
  using type = void;
};
template <class First, class... Rest>
struct FirstAlternative<std::variant<First, Rest...>> {
  using type = First;
};

/// Makes a description whose required options are still to be filled in. For code that reads descriptions
/// only.
struct Blank {
  template <class D>
  static constexpr D of() {
    using First = typename FirstAlternative<D>::type;
    if constexpr (std::is_void_v<First>)
      return D{};
    else
      return D(std::in_place_index<0>, of<First>());
  }
};
}  // namespace detail

/// An option without a default. Code that leaves it out of the braces does not compile.
template <class T>
class Required {
 public:
  using value_type = T;
  template <Gives<T> U>
  constexpr Required(U&& value) : value_(static_cast<T>(std::forward<U>(value))) {}
  constexpr operator const T&() const { return value_; }
  constexpr const T& value() const { return value_; }
  constexpr T& value() { return value_; }
  /// Compares as its value would: `options.units == 64`.
  template <class U>
  friend constexpr bool operator==(const Required& a, const U& b) {
    if constexpr (std::same_as<U, Required>)
      return a.value_ == b.value_;
    else
      return a.value_ == b;
  }

 private:
  friend struct detail::Blank;  // it initialises aggregates, and so calls this constructor
  constexpr Required() : value_(detail::Blank::of<T>()) {}

  T value_;
};

/// One option of a description: its name, member, help and bounds. Equal bounds mean none.
template <class D, class T>
struct Field {
  std::string_view name;
  T D::*member;
  std::string_view help;
  double low, high;
};

template <class D, class T>
constexpr Field<D, T> field(std::string_view name, T D::*member, std::string_view help, double low = 0,
                            double high = 0) {
  return {name, member, help, low, high};
}

/// A member that is itself a description. Its fields count as fields of the outer description and have a
/// title of their own in help pages. This is how descriptions share option groups. Field names must differ
/// between groups.
template <class D, class G>
struct FieldGroup {
  G D::*member;
  std::string_view title;
};

template <class D, class G>
constexpr FieldGroup<D, G> group(G D::*member, std::string_view title) {
  return {member, title};
}

/// A second name for a field of the alternative that a variant holds: `name` "momentum" stands for `path`
/// "optimizer.momentum". It has no member of its own.
struct FieldShortcut {
  std::string_view name, path, help;
  double low, high;
};

constexpr FieldShortcut shortcut(std::string_view name, std::string_view path, std::string_view help,
                                 double low = 0, double high = 0) {
  return {name, path, help, low, high};
}

template <class D>
concept Description = std::is_aggregate_v<D> && requires {
  std::tuple_size<decltype(D::fields())>::value;
};

/// An enumeration that a description may hold. `names_of(E{})`, found by argument-dependent lookup, gives the
/// names of its values 0, 1, 2, ... in order.
template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E e) {
  { names_of(e)[0] } -> std::convertible_to<std::string_view>;
};

template <NamedEnum E>
constexpr std::string_view name_of(E value) {
  return names_of(value)[static_cast<std::size_t>(value)];
}

namespace detail {
struct Any {
  template <class T>
  operator T() const {
    throw 0;  // never called: the compiler only checks whether braces with it compile
  }
};

/// Whether an aggregate can be initialised with `count` values.
template <class A, std::size_t count>
consteval bool takes_values() {
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return requires {
      A{((void)I, Any{})...};
    };
  }
  (std::make_index_sequence<count>{});
}

template <class A, std::size_t count>
constexpr bool has_members = takes_values<A, count>() && !takes_values<A, count + 1>();
}  // namespace detail

namespace detail {
template <class D, class T, class Object, class Visit>
constexpr void visit_entry(const Field<D, T>& f, Object& object, Visit& visit) {
  visit(f, object.*f.member);
}
template <class D, class G, class Object, class Visit>
constexpr void visit_entry(const FieldGroup<D, G>& g, Object& object, Visit& visit) {
  std::apply([&](const auto&... f) { (visit_entry(f, object.*g.member, visit), ...); }, G::fields());
}
template <class Object, class Visit>
constexpr void visit_entry(const FieldShortcut&, Object&, Visit&) {}

/// The number of entries of `fields()` that stand for a member.
template <class... Entry>
constexpr std::size_t members_in(const std::tuple<Entry...>*) {
  return (std::size_t{!std::is_same_v<Entry, FieldShortcut>} + ... + 0);
}
}  // namespace detail

/// False if `fields()` forgets a member. Put it into a static_assert after each description, outside the
/// class.
template <Description D>
constexpr bool all_fields_listed =
    detail::has_members<D, detail::members_in(static_cast<const decltype(D::fields())*>(nullptr))>;

/// Calls visit(field, member) for each field in order. The fields of a group come in the group's place.
template <class D, class Visit>
requires Description<std::remove_const_t<D>>
constexpr void for_each_field(D& description, Visit&& visit) {
  std::apply([&](const auto&... f) { (detail::visit_entry(f, description, visit), ...); },
             std::remove_const_t<D>::fields());
}

}  // namespace rondo
