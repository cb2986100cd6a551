/// Options without their C++ types, for command lines, configuration files, servers and language bindings.
/// C++ programs use the descriptions themselves.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

#include <rondo/error.h>
#include <rondo/options/value_of.h>

namespace [[gnu::visibility("default")]] rondo {

/// What is known of one option, for help, command lines and documentation.
struct OptionInfo {
  enum class Kind { truth, whole_number, number, text, path, choice, options, one_of };
  enum class Many { one, list, map };

  std::string name;
  Kind kind = Kind::text;
  Many many = Many::one;     ///< one value, a list of values, or a map from names to values
  bool required = false;     ///< has no default
  bool optional = false;     ///< may be "none"
  std::string default_text;  ///< in the form that set() takes; empty if required
  std::string help;
  double low = 0, high = 0;               ///< bounds; equal: none
  std::vector<std::string> choices = {};  ///< names of an enumeration, or types of a variant
  /// The tables of nested options: one table, or one for each choice.
  std::vector<std::vector<OptionInfo>> members = {};
  std::string section = {};  ///< title of the group that the option belongs to

  /// "whole number", "list of text", ...
  std::string type_in_words() const;
};

/// The values of a description, with its type erased. Copies are independent.
class OptionTable {
 public:
  /// No options.
  OptionTable() = default;
  template <Description D>
  static OptionTable of(D description = detail::Blank::of<D>()) {
    OptionTable table;
    table.held_ = std::make_unique<HeldAs<D>>(std::move(description));
    return table;
  }
  OptionTable(const OptionTable& other) : held_(other.held_ ? other.held_->clone() : nullptr) {}
  OptionTable(OptionTable&&) noexcept = default;
  OptionTable& operator=(OptionTable other) noexcept {
    held_ = std::move(other.held_);
    return *this;
  }

  /// All options in order, shortcuts included. A default is the value that the table was made with.
  std::vector<OptionInfo> list() const;
  /// Whether there is an option of that name. "optimizer.beta2" asks for "optimizer".
  bool contains(std::string_view name) const;
  /// Whether the option is part of another one. Set that one first.
  bool is_shortcut(std::string_view name) const;
  /// Sets one option from typed text. A list is "a,b", a map "a=1,b=2", an empty optional "none", a variant
  /// its type alone; "optimizer.beta2" names an option of the alternative that a variant holds. Error(option)
  /// begins with `where`, or with the name if `where` is empty; nothing changes then.
  void set(std::string_view name, std::string_view text, const std::string& where = {});
  /// The same from one JSON value, as in a configuration file.
  void set_json(std::string_view name, std::string_view json, const std::string& where = {});
  /// Reads a JSON object in the form of to_json(). Options that it lacks keep their values. Throws
  /// Error(kind) "WHERE..." for unknown options and unsuitable values.
  void read(std::string_view json, const std::string& where, ErrorKind kind = ErrorKind::option);
  /// One JSON object with every option.
  std::string to_json() const;

  /// The description. Asking for a type other than its own is a Bug.
  template <Description D>
  const D& as() const {
    check_type(typeid(D));
    return *static_cast<const D*>(held_->ref().at);
  }
  template <Description D>
  D& as() {
    check_type(typeid(D));
    return *static_cast<D*>(held_->ref().at);
  }

  /// For the library's own use. `at` is null if there are no options.
  detail::ValueRef ref() const { return held_ ? held_->ref() : detail::ValueRef{nullptr, nullptr}; }
  /// Calls visit with the defaults, for the library's own use.
  void with_defaults(const std::function<void(detail::ValueRef)>& visit) const {
    if (held_) held_->with_defaults(visit);
  }

 private:
  struct Held {
    virtual ~Held() = default;
    virtual std::unique_ptr<Held> clone() const = 0;
    virtual detail::ValueRef ref() = 0;
    virtual void with_defaults(const std::function<void(detail::ValueRef)>& visit) const = 0;
    virtual const std::type_info& type() const = 0;
  };
  template <Description D>
  struct HeldAs final : Held {
    explicit HeldAs(D a_value) : value(std::move(a_value)), defaults(value) {}
    std::unique_ptr<Held> clone() const override { return std::make_unique<HeldAs>(*this); }
    detail::ValueRef ref() override { return detail::ref_to(value); }
    void with_defaults(const std::function<void(detail::ValueRef)>& visit) const override {
      visit(detail::ref_to(defaults));
    }
    const std::type_info& type() const override { return typeid(D); }
    D value, defaults;
  };
  void check_type(const std::type_info& wanted) const;

  std::unique_ptr<Held> held_;
};

}  // namespace rondo
