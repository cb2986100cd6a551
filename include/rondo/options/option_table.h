/// Options without their types: what a command line, a configuration file, a server or a binding needs of a
/// description. C++ programs use the descriptions themselves.
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

/// One option: for help, command lines and documentation.
struct OptionInfo {
  enum class Kind { truth, whole_number, number, text, path, choice, options, one_of };
  enum class Many { one, list, map };

  std::string name;
  Kind kind = Kind::text;
  Many many = Many::one;     ///< whether a list of these, or a map from names to these, is meant
  bool required = false;     ///< has no default
  bool optional = false;     ///< may be "none"
  std::string default_text;  ///< as set() would take it; empty if required
  std::string help;
  double low = 0, high = 0;                           ///< equal: no bounds
  std::vector<std::string> choices = {};              ///< names of an enumeration, types of a variant
  std::vector<std::vector<OptionInfo>> members = {};  ///< of nested options: one table, or one each choice
  std::string section = {};                           ///< title of the group it belongs to

  /// "whole number", "list of text", ...
  std::string type_in_words() const;
};

/// The values of a description, its type erased. A value: copies are independent.
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

  /// In order, shortcuts included; a default is the value that the table was made with.
  std::vector<OptionInfo> list() const;
  /// Whether there is an option of that name; "optimizer.beta2" asks for "optimizer".
  bool contains(std::string_view name) const;
  /// Whether it is part of another option, which therefore has to be set before it.
  bool is_shortcut(std::string_view name) const;
  /// Sets one option from text as it is typed: lists "a,b", maps "a=1,b=2", an empty optional "none", of a
  /// variant the type alone; "optimizer.beta2" names an option of the alternative held. Throws Error(option)
  /// beginning with `where`, or with the name where that is empty; nothing changed then.
  void set(std::string_view name, std::string_view text, const std::string& where = {});
  /// The same from one JSON value, as a configuration file has it.
  void set_json(std::string_view name, std::string_view json, const std::string& where = {});
  /// Takes over a JSON object as to_json() gives it; options that it lacks keep their values. Throws
  /// Error(kind) "WHERE..." for unknown ones and values that cannot be.
  void read(std::string_view json, const std::string& where, ErrorKind kind = ErrorKind::option);
  /// One JSON object with every option.
  std::string to_json() const;

  /// The description; asking for another type than it was made of is a Bug.
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

  /// Of the library's own use; at is null where there are no options.
  detail::ValueRef ref() const { return held_ ? held_->ref() : detail::ValueRef{nullptr, nullptr}; }
  /// The defaults, for the table.
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
