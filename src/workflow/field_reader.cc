#include "workflow/field_reader.h"

#include <cmath>

#include "base/utf8.h"

namespace harmonia::workflow {
namespace {

constexpr std::string_view duration_words =
    "seconds (a number above 0) or ISO 8601 text such as PT1M30S";

std::string list_of(std::span<const std::string_view> names) {
  std::string list;
  for (std::string_view name : names) {
    if (!list.empty()) list += ", ";
    list += name;
  }
  return list;
}

std::string plain(double number) { return to_text(Json(static_cast<std::int64_t>(number))); }

std::optional<double> whole_number(const Json& value) {
  if (!value.is_number()) return std::nullopt;
  auto number = value.to_number<double>();
  if (number != std::floor(number)) return std::nullopt;
  return number;
}

}  // namespace

std::string_view describe_type(const Json& value) {
  switch (value.kind()) {
    case boost::json::kind::null: return "null";
    case boost::json::kind::bool_: return "a boolean";
    case boost::json::kind::string: return "text";
    case boost::json::kind::array: return "a list";
    case boost::json::kind::object: return "an object";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_: break;
  }
  return "a number";
}

Result<Duration> read_duration(const Json& value) {
  Duration duration{0};
  if (value.is_number()) {
    duration = from_seconds(value.to_number<double>());
  } else if (value.is_string()) {
    TRY(duration, parse_iso8601_duration(text_view(value.get_string())));
  } else {
    return make_error(error_code::invalid_argument, std::string("must be ").append(duration_words));
  }
  if (duration <= Duration(0))
    return make_error(error_code::invalid_argument, "must be more than 0");
  if (duration > duration_max)
    return make_error(error_code::invalid_argument, "must be at most 100 years");
  return duration;
}

const Json* FieldReader::find(std::string_view name) const {
  const Json* value = object_.if_contains(json_view(name));
  return value == nullptr || value->is_null() ? nullptr : value;
}

void FieldReader::refuse_type(std::string_view name, std::string_view wanted) {
  std::string message(name);
  message.append(" must be ").append(wanted).append(", not ").append(describe_type(*find(name)));
  std::string hint = wanted == "text" && find(name)->is_number() ? "put it in quotes" : "";
  findings_.error(pointer_to(name), std::move(message), std::move(hint));
}

void FieldReader::refuse_choice(std::string_view name, std::string_view given,
                                std::span<const std::string_view> choices) {
  std::string message(name);
  message.append(" must be one of ").append(list_of(choices)).append(", not '");
  message.append(utf8_prefix(given, 80)).append("'");
  findings_.error(pointer_to(name), std::move(message), did_you_mean(nearest_name(given, choices)));
}

std::optional<std::string> FieldReader::text(std::string_view name) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    refuse_type(name, "text");
    return std::nullopt;
  }
  return std::string(text_view(value->get_string()));
}

std::optional<std::uint32_t> FieldReader::count(std::string_view name, std::uint32_t minimum,
                                                std::uint32_t maximum) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  auto number = whole_number(*value);
  if (!number || *number < minimum || *number > maximum) {
    findings_.error(pointer_to(name), std::string(name) + " must be a whole number from " +
                                          std::to_string(minimum) + " to " +
                                          std::to_string(maximum));
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(*number);
}

std::optional<double> FieldReader::number(std::string_view name, NumberRange range) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  double number = value->is_number() ? value->to_number<double>() : range.minimum - 1;
  if (number < range.minimum || number > range.maximum) {
    findings_.error(pointer_to(name), std::string(name) + " must be a number from " +
                                          plain(range.minimum) + " to " + plain(range.maximum));
    return std::nullopt;
  }
  return number;
}

std::optional<Duration> FieldReader::duration(std::string_view name) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  auto duration = read_duration(*value);
  if (duration.ok()) return *duration;
  const std::string& detail = duration.error().detail;
  bool about_text = detail.starts_with('\'');
  std::string hint = about_text ? std::string("give ").append(duration_words) : "";
  findings_.error(pointer_to(name), std::string(name) + (about_text ? ": " : " ") + detail,
                  std::move(hint));
  return std::nullopt;
}

std::vector<std::string> FieldReader::texts(std::string_view name) {
  std::vector<std::string> list;
  const Json* value = find(name);
  if (value == nullptr) return list;
  if (!value->is_array()) {
    refuse_type(name, "a list of texts");
    return list;
  }
  std::size_t index = 0;
  for (const Json& item : value->get_array()) {
    std::string place = child_pointer(pointer_to(name), std::to_string(index++));
    if (item.is_string() && !item.get_string().empty()) {
      list.emplace_back(text_view(item.get_string()));
    } else {
      findings_.error(std::move(place),
                      "each item of " + std::string(name) + " must be a text that is not empty");
    }
  }
  return list;
}

const JsonObject* FieldReader::object(std::string_view name) {
  const Json* value = find(name);
  if (value == nullptr) return nullptr;
  if (value->is_object()) return &value->get_object();
  refuse_type(name, "an object");
  return nullptr;
}

}  // namespace harmonia::workflow
