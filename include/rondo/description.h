/// Descriptions: options as plain aggregates whose fields are named, explained and bounded in one place.
///
/// A description is an aggregate with a static `fields()`. JSON, command line, range checks, help and the
/// tables of the documentation read nothing else:
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

/// What a brace may give an option without surprise: no fraction or truth value where a count is meant.
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

/// Makes a description whose required options are yet to be filled in: for what reads descriptions, and
/// nobody else.
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

/// An option without a default: leaving it out of the braces does not compile.
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
  friend struct detail::Blank;  // an aggregate's braces ask for this from where they stand
  constexpr Required() : value_(detail::Blank::of<T>()) {}

  T value_;
};

/// One option of a description: its name, place, help and bounds (equal bounds: none).
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

template <class D>
concept Description = std::is_aggregate_v<D> && requires {
  std::tuple_size<decltype(D::fields())>::value;
};

/// An enumeration that can stand in a description: `names_of(E{})`, found by argument-dependent look-up,
/// gives the name of each value 0, 1, 2, ... in order.
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
    throw 0;  // never called: the braces that hold it are only asked whether they compile
  }
};

/// Whether the braces of an aggregate accept so many values.
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

/// False when `fields()` forgets a member: state it in a static_assert beside each description, outside the
/// class.
template <Description D>
constexpr bool all_fields_listed = detail::has_members<D, std::tuple_size_v<decltype(D::fields())>>;

/// Calls visit(field, member) for each field in order.
template <class D, class Visit>
requires Description<std::remove_const_t<D>>
constexpr void for_each_field(D& description, Visit&& visit) {
  std::apply([&](const auto&... f) { (visit(f, description.*f.member), ...); },
             std::remove_const_t<D>::fields());
}

}  // namespace rondo
