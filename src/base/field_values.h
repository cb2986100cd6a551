/// The part of fields.h that does not depend on a description's type: tables of fields, values, messages.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rondo/error.h>
#include <rondo/options/option_table.h>

#include "base/json.h"

namespace rondo {

/// The option that a value belongs to, for messages, and the kind of Error for its faults.
struct FieldPlace {
  std::string path = {};
  ErrorKind kind = ErrorKind::option;

  FieldPlace operator/(std::string_view name) const;
  /// Throws "PATH WHAT".
  [[noreturn]] void refuse(const std::string& what) const;
  /// Throws "PATH must be WANTED, got VALUE".
  [[noreturn]] void refuse(std::string_view wanted, const Json& got) const;
};

/// Both inclusive; equal ones bound nothing.
struct FieldBounds {
  double low = 0, high = 0;
};

namespace values {

bool truth_from(const Json& json, const FieldPlace& place);
double real_from(const Json& json, const FieldPlace& place, FieldBounds bounds, double largest);
std::string text_from(const Json& json, const FieldPlace& place);
/// The number of the name that the text is.
std::size_t choice_from(const Json& json, const FieldPlace& place, const std::vector<std::string>& names);
void require_list(const Json& json, const FieldPlace& place);
void require_object(const Json& json, const FieldPlace& place);
void check_bounds(const Json& value, const FieldPlace& place, FieldBounds bounds);

/// The value of a command line's `text` for a field: "0.5", "true", "a,b,c" for a list, "pos=2,neg=1" for a
/// map, "none", and for nested options the type alone or JSON.
Json from_text(std::string_view text, const OptionInfo& info, const FieldPlace& place);
/// The reverse of from_text.
std::string to_text(const Json& json);

/// Throws: no option in `known` has this name.
[[noreturn]] void refuse_unknown(std::string_view name, const FieldPlace& place,
                                 const std::vector<std::string>& known);
/// Throws unless `json` is an object with none but known keys. A "type" is known when `type` is not empty and
/// must be equal to it.
void check_keys(const Json& json, const FieldPlace& place, const std::vector<std::string>& known,
                std::string_view type);
/// The number of the alternative that {"type": NAME, ...} or NAME alone chooses.
std::size_t alternative_from(const Json& json, const FieldPlace& place,
                             const std::vector<std::string>& types);

}  // namespace values
}  // namespace rondo
