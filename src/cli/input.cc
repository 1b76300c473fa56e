#include "cli/input.h"

#include "server/text_file.h"

namespace harmonia::cli {
namespace {

constexpr std::size_t input_size_max = 64u << 20;
constexpr std::size_t definition_size_max = 16u << 20;

struct InputText {
  std::string text;
  std::string origin;
};

Result<InputText> read_input_text(const std::string& argument, std::string_view option) {
  if (argument == "-") {
    TRY(std::string text, server::read_text_file("-", input_size_max));
    return InputText{std::move(text), "standard input"};
  }
  if (argument.starts_with('@')) {
    std::string path = argument.substr(1);
    TRY(std::string text, server::read_text_file(path, input_size_max));
    return InputText{std::move(text), path};
  }
  return InputText{argument, std::string(option)};
}

Result<Json> parse_input(const InputText& input) {
  auto parsed = parse_json(input.text);
  if (parsed) return parsed;
  Error error = std::move(parsed).error();
  error.detail = "the input (" + input.origin + ") is not valid JSON: " + error.detail;
  return error;
}

}  // namespace

Result<Json> read_input(const std::string& argument, std::string_view option) {
  if (argument.empty()) return Json(JsonObject{});
  TRY(InputText input, read_input_text(argument, option));
  TRY(Json parsed, parse_input(input));
  if (!parsed.is_object()) {
    return make_error(
        error_code::invalid_argument,
        "the input (" + input.origin + ") must be a JSON object such as {\"name\": 1}");
  }
  return parsed;
}

Result<Json> read_value(const std::string& argument, std::string_view option) {
  if (argument.empty()) return Json(nullptr);
  TRY(InputText input, read_input_text(argument, option));
  return parse_input(input);
}

Result<std::string> read_text_argument(const std::string& argument) {
  TRY(InputText input, read_input_text(argument, "the argument"));
  bool is_typed = argument != "-" && !argument.starts_with('@');
  if (!is_typed && input.text.ends_with('\n')) input.text.pop_back();
  if (!is_typed && input.text.ends_with('\r')) input.text.pop_back();
  return std::move(input.text);
}

Result<std::string> read_definition_text(const std::string& path) {
  return server::read_text_file(path, definition_size_max);
}

std::string display_name(const std::string& path) { return path == "-" ? "<stdin>" : path; }

}  // namespace harmonia::cli
