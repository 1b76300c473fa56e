#include "api/request_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/utf8.h"

namespace harmonia::api {
namespace {

constexpr std::size_t quoted_max = 80;  // bytes of a client's text shown back to it

std::string to_camel_case(std::string_view name) {
  std::string out;
  bool raise = false;
  for (char c : name) {
    if (c == '_') {
      raise = true;
      continue;
    }
    out += raise && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    raise = false;
  }
  return out;
}

std::string media_type_of(const net::Request& request) {
  std::string_view value = request.headers.get("Content-Type");
  value = value.substr(0, value.find(';'));
  std::string type;
  for (char c : value) {
    if (c == ' ' || c == '\t') continue;
    type += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return type;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string_view kind_of(const Json& value) {
  switch (value.kind()) {
    case boost::json::kind::null: return "null";
    case boost::json::kind::bool_: return "a boolean";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_: return "a number";
    case boost::json::kind::string: return "a string";
    case boost::json::kind::array: return "an array";
    case boost::json::kind::object: return "an object";
  }
  return "unknown";
}

void append_canonical(std::string& out, const Json& value);

void append_canonical_object(std::string& out, const JsonObject& object) {
  std::vector<const JsonObject::value_type*> members;
  for (const auto& member : object) members.push_back(&member);
  std::sort(members.begin(), members.end(),
            [](const auto* a, const auto* b) { return a->key() < b->key(); });
  out += '{';
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out += ',';
    append_quoted(out, text_view(members[i]->key()));
    out += ':';
    append_canonical(out, members[i]->value());
  }
  out += '}';
}

void append_canonical(std::string& out, const Json& value) {
  if (value.is_object()) return append_canonical_object(out, value.get_object());
  if (!value.is_array()) return append_text(out, value);
  out += '[';
  bool first = true;
  for (const Json& item : value.get_array()) {
    if (!first) out += ',';
    first = false;
    append_canonical(out, item);
  }
  out += ']';
}

}  // namespace

Result<BodyFormat> body_format(const net::Request& request) {
  std::string type = media_type_of(request);
  if (type.empty()) return is_blank(request.body) ? BodyFormat::none : BodyFormat::json;
  if (type == "application/json" || type == "text/json" || type.ends_with("+json")) {
    return BodyFormat::json;
  }
  if (type == "application/yaml" || type == "application/x-yaml" || type == "text/yaml" ||
      type == "text/x-yaml" || type.ends_with("+yaml")) {
    return BodyFormat::yaml;
  }
  return make_error("unsupported_media_type", "a body of type " + quote_text(type) +
                                                  " is not understood; send application/json or, "
                                                  "for definitions, application/yaml");
}

const Json* BodyReader::find(std::string_view name) {
  std::string camel = to_camel_case(name);
  if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
    known_.emplace_back(name);
    if (camel != name) known_.push_back(camel);
  }
  const Json* value = object_.if_contains(json_view(name));
  if (value == nullptr) value = object_.if_contains(json_view(camel));
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string BodyReader::text(std::string_view name, std::string_view fallback) {
  const Json* value = find(name);
  if (value == nullptr) return std::string(fallback);
  if (value->is_string()) return std::string(text_view(value->get_string()));
  add_problem(name, "must be a string, not " + std::string(kind_of(*value)));
  return std::string(fallback);
}

std::optional<double> BodyReader::number(std::string_view name) {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) return value->to_number<double>();
  add_problem(name, "must be a number, not " + std::string(kind_of(*value)));
  return std::nullopt;
}

JsonObject BodyReader::object(std::string_view name) {
  const Json* value = find(name);
  if (value == nullptr) return {};
  if (value->is_object()) return value->get_object();
  add_problem(name, "must be an object, not " + std::string(kind_of(*value)));
  return {};
}

std::vector<std::string> BodyReader::texts(std::string_view name) {
  std::vector<std::string> texts;
  const Json* value = find(name);
  if (value == nullptr) return texts;
  if (!value->is_array()) {
    add_problem(name, "must be an array of strings, not " + std::string(kind_of(*value)));
    return texts;
  }
  for (const Json& item : value->get_array()) {
    if (!item.is_string()) {
      add_problem(name, "must hold strings only, not " + std::string(kind_of(item)));
      break;
    }
    texts.emplace_back(text_view(item.get_string()));
  }
  return texts;
}

void BodyReader::add_problem(std::string_view name, std::string message, std::string hint) {
  problems_.push_back({.pointer = "/" + escape_pointer_token(name),
                       .message = std::string(name) + " " + std::move(message),
                       .hint = std::move(hint)});
}

Result<void> BodyReader::finish() const {
  std::vector<Problem> problems = problems_;
  for (const auto& member : object_) {
    std::string_view name = text_view(member.key());
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    std::string allowed;
    for (const std::string& known : known_) {
      if (known.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos) continue;
      allowed += (allowed.empty() ? "" : ", ") + known;
    }
    problems.push_back({.pointer = "/" + escape_pointer_token(name),
                        .message = "there is no member " + quote_text(name) + " here",
                        .hint = "allowed are: " + allowed});
  }
  if (problems.empty()) return {};
  Error error = make_error(error_code::invalid_argument, problems.front().message);
  if (!problems.front().hint.empty()) error.detail += "; " + problems.front().hint;
  error.instance = problems.front().pointer;
  error.problems = std::move(problems);
  return error;
}

Result<BodyReader> read_body(const net::Request& request, std::size_t depth_max) {
  TRY(BodyFormat format, body_format(request));
  if (format == BodyFormat::none || is_blank(request.body)) return BodyReader(JsonObject());
  if (format == BodyFormat::yaml) {
    return make_error("unsupported_media_type",
                      "only definitions may be YAML; send this body as application/json");
  }
  TRY(Json value, parse_json(request.body, {.depth_max = depth_max}));
  if (!value.is_object()) {
    return make_error(error_code::invalid_argument,
                      "the body must be a JSON object, not " + std::string(kind_of(value)));
  }
  return BodyReader(std::move(value.get_object()));
}

std::vector<std::string> query_list(const net::Request& request, std::string_view name) {
  std::vector<std::string> items;
  for (const auto& [key, value] : request.query) {
    if (key != name) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      std::size_t comma = rest.find(',');
      if (comma != 0) items.emplace_back(rest.substr(0, comma));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
  }
  return items;
}

std::string query_text(const net::Request& request, std::string_view name) {
  return std::string(request.query_value(name).value_or(""));
}

Result<std::optional<std::int64_t>> query_integer(const net::Request& request,
                                                  std::string_view name, Bounds bounds) {
  auto text = request.query_value(name);
  if (!text) return std::optional<std::int64_t>();
  std::int64_t value = 0;
  auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), value);
  bool whole = failure == std::errc() && end == text->data() + text->size();
  if (!whole || value < bounds.min || value > bounds.max) {
    return invalid_parameter(name, "must be a whole number from " + std::to_string(bounds.min) +
                                       " to " + std::to_string(bounds.max) + ", not " +
                                       quote_text(*text));
  }
  return std::optional(value);
}

Result<std::optional<double>> query_number(const net::Request& request, std::string_view name) {
  auto text = request.query_value(name);
  if (!text) return std::optional<double>();
  double value = 0;
  auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (failure != std::errc() || end != text->data() + text->size() || !std::isfinite(value)) {
    return invalid_parameter(name, "must be a number, not " + quote_text(*text));
  }
  return std::optional(value);
}

Result<std::optional<Timestamp>> query_time(const net::Request& request, std::string_view name) {
  auto text = request.query_value(name);
  if (!text) return std::optional<Timestamp>();
  auto time = parse_rfc3339(*text);
  if (!time.ok()) {
    return invalid_parameter(
        name, "must be a time such as 2026-01-31T12:00:00Z, not " + quote_text(*text));
  }
  return std::optional(*time);
}

Result<void> check_query(const net::Request& request,
                         std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : request.query) {
    if (!is_valid_utf8(name) || !is_valid_utf8(value)) {
      return make_error(error_code::invalid_argument, "the query is not valid UTF-8");
    }
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string allowed;
    for (std::string_view item : known) {
      allowed += (allowed.empty() ? "" : ", ") + std::string(item);
    }
    return make_error(error_code::invalid_argument,
                      "there is no query parameter " + quote_text(name) + " here" +
                          (allowed.empty() ? std::string() : "; there are " + allowed));
  }
  return {};
}

Error invalid_parameter(std::string_view name, std::string what) {
  Error error =
      make_error(error_code::invalid_argument, "query parameter " + std::string(name) + " " + what);
  return error;
}

std::string quote_text(std::string_view text) {
  if (!is_valid_utf8(text)) return "(bytes that are not UTF-8)";
  if (text.size() <= quoted_max) return "'" + std::string(text) + "'";
  std::size_t size = quoted_max;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return "'" + std::string(text.substr(0, size)) + "…'";
}

std::string canonical_text(const Json& value) {
  std::string out;
  append_canonical(out, value);
  return out;
}

}  // namespace harmonia::api
