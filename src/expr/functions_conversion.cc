#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/utf8.h"
#include "expr/evaluation.h"
#include "expr/function.h"
#include "expr/text.h"
#include "expr/time_value.h"

namespace harmonia::expr {
namespace {

constexpr double two_to_63 = 9223372036854775808.0;
constexpr double two_to_64 = 18446744073709551616.0;

Value bad_text(Evaluation& evaluation, const Value& text, std::string_view type) {
  return evaluation.fail("'" + utf8_prefix(text.view(), 80) + "' can't be converted to " +
                         std::string(type));
}

Value out_of_range(Evaluation& evaluation, std::string_view type) {
  return evaluation.fail("the number does not fit into " + std::string(type));
}

template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number number{};
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Charges for reading a text; other values cost nothing more.
bool charge(Evaluation& evaluation, const Value& x) {
  return !(x.is(Kind::string) || x.is(Kind::bytes)) || evaluation.spend_bytes(x.aux);
}

Value to_int(Evaluation& evaluation, Arguments a) {
  const Value& x = a[0];
  if (!charge(evaluation, x)) return evaluation.out_of_budget();
  if (x.is(Kind::int64)) return x;
  if (x.is(Kind::uint64)) {
    if (x.uint64 > static_cast<std::uint64_t>(INT64_MAX)) return out_of_range(evaluation, "an int");
    return int_value(static_cast<std::int64_t>(x.uint64));
  }
  if (x.is(Kind::float64)) {
    bool fits = x.float64 > -two_to_63 && x.float64 < two_to_63;
    return fits ? int_value(static_cast<std::int64_t>(x.float64))
                : out_of_range(evaluation, "an int");
  }
  if (x.is(Kind::string)) {
    std::string_view text = x.view();
    if (text.starts_with('+')) text.remove_prefix(1);
    auto number = text.starts_with('-') && x.view()[0] == '+' ? std::nullopt
                                                              : read_number<std::int64_t>(text);
    return number ? int_value(*number) : bad_text(evaluation, x, "int");
  }
  if (x.is(Kind::timestamp)) return int_value(x.int64);
  return evaluation.fail_overload("int", a);
}

Value to_uint(Evaluation& evaluation, Arguments a) {
  const Value& x = a[0];
  if (!charge(evaluation, x)) return evaluation.out_of_budget();
  if (x.is(Kind::uint64)) return x;
  if (x.is(Kind::int64)) {
    if (x.int64 < 0) return out_of_range(evaluation, "a uint");
    return uint_value(static_cast<std::uint64_t>(x.int64));
  }
  if (x.is(Kind::float64)) {
    bool fits = x.float64 >= 0 && x.float64 < two_to_64;
    return fits ? uint_value(static_cast<std::uint64_t>(x.float64))
                : out_of_range(evaluation, "a uint");
  }
  if (x.is(Kind::string)) {
    auto number = read_number<std::uint64_t>(x.view());
    return number ? uint_value(*number) : bad_text(evaluation, x, "uint");
  }
  return evaluation.fail_overload("uint", a);
}

std::optional<double> read_double(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.front() == '+') return std::nullopt;
  return read_number<double>(text);  // reads inf, infinity and nan too, in any case
}

Value to_double(Evaluation& evaluation, Arguments a) {
  const Value& x = a[0];
  if (x.is(Kind::float64)) return x;
  if (x.is(Kind::int64)) return double_value(static_cast<double>(x.int64));
  if (x.is(Kind::uint64)) return double_value(static_cast<double>(x.uint64));
  if (x.is(Kind::string)) {
    // Reading digits is dearer than copying them.
    if (!evaluation.spend(x.aux / 4)) return evaluation.out_of_budget();
    auto number = read_double(x.view());
    return number ? double_value(*number) : bad_text(evaluation, x, "double");
  }
  return evaluation.fail_overload("double", a);
}

Value to_bool(Evaluation& evaluation, Arguments a) {
  if (a[0].is(Kind::boolean)) return a[0];
  if (!a[0].is(Kind::string)) return evaluation.fail_overload("bool", a);
  for (std::string_view word : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (a[0].view() == word) return bool_value(true);
  }
  for (std::string_view word : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (a[0].view() == word) return bool_value(false);
  }
  return bad_text(evaluation, a[0], "bool");
}

Value to_string(Evaluation& evaluation, Arguments a) {
  const Value& x = a[0];
  if (x.is(Kind::string)) return x;
  if (x.is(Kind::int64)) return evaluation.make_string(std::to_string(x.int64));
  if (x.is(Kind::uint64)) return evaluation.make_string(std::to_string(x.uint64));
  if (x.is(Kind::float64)) return evaluation.make_string(double_text(x.float64));
  if (x.is(Kind::boolean)) return string_value(x.boolean ? "true" : "false");
  if (x.is(Kind::timestamp)) return evaluation.make_string(timestamp_text(x));
  if (x.is(Kind::duration)) return evaluation.make_string(duration_text(x));
  if (x.is(Kind::bytes)) {
    if (!charge(evaluation, x)) return evaluation.out_of_budget();
    if (!is_valid_utf8(x.view())) return evaluation.fail("the bytes are not valid UTF-8");
    return string_value(x.view());
  }
  return evaluation.fail_overload("string", a);
}

Value to_bytes(Evaluation& evaluation, Arguments a) {
  if (a[0].is(Kind::bytes)) return a[0];
  if (a[0].is(Kind::string)) return bytes_value(a[0].view());
  return evaluation.fail_overload("bytes", a);
}

Value to_timestamp(Evaluation& evaluation, Arguments a) {
  if (a[0].is(Kind::timestamp)) return a[0];
  if (a[0].is(Kind::int64)) {
    auto timestamp = timestamp_from_seconds(a[0].int64);
    return timestamp ? *timestamp
                     : evaluation.fail("the timestamp is outside of the years 1 to 9999");
  }
  if (!a[0].is(Kind::string)) return evaluation.fail_overload("timestamp", a);
  if (!charge(evaluation, a[0])) return evaluation.out_of_budget();
  auto timestamp = parse_timestamp(a[0].view());
  return timestamp ? *timestamp
                   : bad_text(evaluation, a[0], "timestamp; write 2026-11-21T11:02:03Z");
}

Value to_duration(Evaluation& evaluation, Arguments a) {
  if (a[0].is(Kind::duration)) return a[0];
  if (!a[0].is(Kind::string)) return evaluation.fail_overload("duration", a);
  if (!charge(evaluation, a[0])) return evaluation.out_of_budget();
  auto duration = parse_duration(a[0].view());
  return duration ? *duration : bad_text(evaluation, a[0], "duration; write 1h30m or 2.5s");
}

Value dyn(Evaluation&, Arguments a) { return a[0]; }

Value type_of(Evaluation&, Arguments a) { return type_value(type_name(a[0])); }

Value size_of(Evaluation& evaluation, Arguments a) {
  std::size_t size = 0;
  if (a[0].is(Kind::string)) {
    if (!evaluation.spend(a[0].aux / 64)) return evaluation.out_of_budget();
    size = count_code_points(a[0].view());
  } else if (a[0].is(Kind::bytes)) {
    size = a[0].aux;
  } else if (a[0].is(Kind::list)) {
    size = list_size(a[0]);
  } else if (a[0].is(Kind::map)) {
    size = evaluation.size_of(a[0]);
  } else {
    return evaluation.fail_overload("size", a);
  }
  return int_value(static_cast<std::int64_t>(size));
}

constexpr Function functions[] = {
    {"int", false, 1, 1, to_int},
    {"uint", false, 1, 1, to_uint},
    {"double", false, 1, 1, to_double},
    {"bool", false, 1, 1, to_bool},
    {"string", false, 1, 1, to_string},
    {"bytes", false, 1, 1, to_bytes},
    {"timestamp", false, 1, 1, to_timestamp},
    {"duration", false, 1, 1, to_duration},
    {"dyn", false, 1, 1, dyn},
    {"type", false, 1, 1, type_of},
    {"size", false, 1, 1, size_of},
    {"size", true, 1, 1, size_of},
};

}  // namespace

std::span<const Function> conversion_functions() { return functions; }

}  // namespace harmonia::expr
