// Runs the conformance cases of CEL in a folder of JSON files against expr/:
//
//     build/tests/cel_conformance DIR
//
// Prints what fails and as its last line `N passed, M failed`. Success when every failure is listed
// with its reason in known_failures.json, of DIR or else of the project's copy of the cases.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "base/json.h"
#include "base/utf8.h"
#include "expr/compare.h"
#include "expr/evaluation.h"
#include "expr/expr.h"
#include "expr/test_admits.h"
#include "expr/text.h"
#include "expr/type_check.h"

namespace harmonia::expr {
namespace {

// Undoes Python's codec raw_unicode_escape, which google.protobuf.text_encoding.CUnescape ends with
// (`.decode('unicode_escape').encode('raw_unicode_escape')`). The cases were read by it: a code
// point above U+00FF that the original writes as \u or \U stands in the JSON as the characters
// \u01ab or \U0001f62c. The codec writes lower-case digits, and never what fits into fewer bytes,
// so \u0000 in the expected value of a raw string is text and stays. (Only expected values need
// this: within an expression the escape means the same character to CEL.)
std::string undo_raw_unicode_escape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    bool is_short = text.starts_with("\\u");
    std::size_t count = is_short ? 4 : text.starts_with("\\U") ? 8 : 0;
    std::string_view digits = count == 0 || text.size() < 2 + count ? "" : text.substr(2, count);
    bool lower = digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    std::uint32_t code = 0;
    if (lower) std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    bool is_surrogate = code >= 0xd800 && code < 0xe000;
    if (code > (is_short ? 0xffu : 0xffffu) && code <= 0x10ffff && !is_surrogate) {
      append_utf8(out, code);
      text.remove_prefix(2 + count);
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

// Values of the cases, kept alive for one case.
class Values {
 public:
  // A value as the cases write it: {"int": "1"}, {"list": [...]} ...
  Value read(const Json& json) {
    const auto& member = *json.as_object().begin();
    std::string_view kind = text_view(member.key());
    const Json& content = member.value();
    if (kind == "null") return null_value();
    if (kind == "bool") return bool_value(content.as_bool());
    if (kind == "int") return int_value(std::stoll(text(content)));
    if (kind == "uint") return uint_value(std::stoull(text(content)));
    if (kind == "double") return double_value(std::strtod(text(content).c_str(), nullptr));
    if (kind == "string") return string_value(keep(undo_raw_unicode_escape(text(content))));
    if (kind == "bytes_base64") return bytes_value(keep(base64_decode(text(content)).value()));
    if (kind == "type") return type_value(keep(text(content)));
    if (kind == "list") return read_list(content.as_array());
    if (kind == "map") return read_map(content.as_array());
    return read_time(kind, text(content));
  }

 private:
  static std::string text(const Json& json) { return std::string(text_view(json.as_string())); }
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  Value read_list(const JsonArray& array) {
    auto& items = items_.emplace_back();
    for (const Json& item : array) items.push_back(read(item));
    return list_value(&lists_.emplace_back(List{items}));
  }
  Value read_map(const JsonArray& array) {
    auto& entries = entries_.emplace_back();
    for (const Json& pair : array) {
      entries.push_back({read(pair.as_array()[0]), read(pair.as_array()[1])});
    }
    return map_value(&maps_.emplace_back(Map{entries, {}}));
  }
  Value read_time(std::string_view kind, const std::string& text);

  std::deque<std::string> texts_;
  std::deque<std::vector<Value>> items_;
  std::deque<std::vector<MapEntry>> entries_;
  std::deque<List> lists_;
  std::deque<Map> maps_;
};

class Bindings final : public Activation, public TypedRoots {
 public:
  std::map<std::string, Value, std::less<>> values;

  std::optional<LazyObject::Member> root(std::string_view) const override { return std::nullopt; }
  std::optional<Value> typed_root(std::string_view name) const override {
    auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  }
};

// A timestamp or duration, read by the language itself.
Value Values::read_time(std::string_view kind, const std::string& text) {
  std::string source = std::string(kind) + "('" + text + "')";
  auto compiled = compile(source, {});
  Bindings nothing;
  Evaluation evaluation(*compiled.program, nothing, {});
  return evaluation.run();  // holds no reference to the evaluation
}

// Equal and of the same type, all the way down; NaN is itself here.
bool same(Evaluation& evaluation, const Value& a, const Value& b) {
  if (a.kind != b.kind) return false;
  if (a.is(Kind::float64)) {
    bool both_nan = std::isnan(a.float64) && std::isnan(b.float64);
    return both_nan ||
           (a.float64 == b.float64 && std::signbit(a.float64) == std::signbit(b.float64));
  }
  if (a.is(Kind::list)) {
    if (list_size(a) != list_size(b)) return false;
    for (std::size_t i = 0; i < list_size(a); ++i) {
      if (!same(evaluation, list_item(a, i), list_item(b, i))) return false;
    }
    return true;
  }
  if (a.is(Kind::map)) {
    auto keys = evaluation.keys(a);
    if (keys.size() != evaluation.keys(b).size()) return false;
    return std::all_of(keys.begin(), keys.end(), [&](const Value& key) {
      auto left = evaluation.find(a, key);
      auto right = evaluation.find(b, key);
      return left && right && same(evaluation, *left, *right);
    });
  }
  return values_equal(evaluation, a, b);
}

bool flag(const JsonObject& object, std::string_view name) {
  const Json* value = object.if_contains(json_view(name));
  return value && value->is_bool() && value->get_bool();
}

class UnknownTypes final : public TypeEnvironment {
 public:
  Type root(std::string_view) const override { return dyn_type(); }
};

// The first error the checker of types finds.
std::optional<std::string> type_error(const TypeCheckResult& checked) {
  for (const TypeFinding& finding : checked.findings) {
    if (finding.severity == TypeSeverity::error) return finding.message;
  }
  return std::nullopt;
}

// What went wrong, or nothing. A case that allows it is checked for its types before it runs.
std::optional<std::string> run_case(const JsonObject& test) {
  Values values;
  Bindings bindings;
  std::vector<std::string_view> roots;
  if (const Json* bound = test.if_contains("bindings")) {
    for (const auto& member : bound->as_object()) {
      bindings.values.emplace(text_view(member.key()), values.read(member.value()));
      roots.push_back(text_view(member.key()));
    }
  }
  CompileOptions options;
  options.roots = roots;
  options.check_names = !flag(test, "disable_check");
  options.expand_macros = !flag(test, "disable_macros");
  bool error_expected = flag(test, "error");
  auto compiled = compile(get_string(test, "expr"), options);
  if (!compiled.program) {
    if (error_expected) return std::nullopt;
    return "does not compile: " + compiled.errors.at(0).message;
  }
  TypeCheckResult checked = check_types(*compiled.program, UnknownTypes());
  if (options.check_names) {
    auto refused = type_error(checked);
    if (refused && error_expected) return std::nullopt;
    if (refused) return "is refused: " + *refused;
  }
  Limits limits;
  Evaluation evaluation(*compiled.program, bindings, limits);
  evaluation.use_typed_roots(&bindings);
  Value value = evaluation.run();
  if (value.is_error()) {
    if (error_expected) return std::nullopt;
    return "fails: " + std::string(value.failure->message);
  }
  if (error_expected)
    return "gives " + std::string(kind_phrase(value)) + " where an error is expected";
  if (!test::admits(evaluation, checked.type, value))
    return "gives what its type does not admit, " + describe(checked.type);
  if (same(evaluation, value, values.read(test.at("value")))) return std::nullopt;
  return "gives another value, " + std::string(kind_phrase(value));
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

struct Report {
  int passed = 0;
  int failed = 0;
  int unexplained = 0;
};

void run_file(const std::filesystem::path& path, const JsonObject& known, Report& report) {
  auto cases = parse_json(read_file(path));
  if (!cases.ok() || !cases.value().is_array()) {
    std::printf("%s is no list of cases\n", path.c_str());
    ++report.unexplained;
    return;
  }
  for (const Json& test : cases.value().get_array()) {
    const JsonObject& object = test.as_object();
    std::string name = path.stem().string() + "/" + get_string(object, "section") + "/" +
                       get_string(object, "name");
    auto problem = run_case(object);
    if (!problem) {
      ++report.passed;
      continue;
    }
    ++report.failed;
    bool explained = known.contains(json_view(name));
    if (!explained) ++report.unexplained;
    std::printf("%s: %s%s\n    %s\n", name.c_str(), problem->c_str(), explained ? " (known)" : "",
                get_string(object, "expr").c_str());
  }
}

JsonObject known_failures(const std::filesystem::path& folder) {
  for (const auto& place : {folder, std::filesystem::path("tests/data/cel")}) {
    auto known = parse_json(read_file(place / "known_failures.json"));
    if (known.ok() && known.value().is_object()) return known.value().get_object();
  }
  return {};
}

int run_folder(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
    bool is_cases = entry.path().extension() == ".json" && entry.path().stem() != "known_failures";
    if (is_cases) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  Report report;
  JsonObject known = known_failures(folder);
  for (const auto& file : files) run_file(file, known, report);
  std::printf("%d passed, %d failed\n", report.passed, report.failed);
  return files.empty() || report.unexplained > 0 ? 1 : 0;
}

}  // namespace
}  // namespace harmonia::expr

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: cel_conformance DIR\n");
    return 2;
  }
  return harmonia::expr::run_folder(arguments[1]);
}
