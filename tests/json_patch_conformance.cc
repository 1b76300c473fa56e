// Runs the public JSON Patch test suite: json_patch_conformance DIR [known_failures.json]
//
// DIR holds files of cases as json-patch/json-patch-tests publishes them. Cases the suite turns off
// are run as well. Prints each failure and each known failure with its reason and, last,
// `N passed, M failed`. Known failures (a list of {"test", "reason"}) are counted apart; one that
// passes is a failure too, so that the list cannot rot.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "workflow/json_patch.h"

namespace {

namespace fs = std::filesystem;
using harmonia::Json;
using harmonia::JsonObject;

struct Tally {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t known = 0;
};

// By Boost's reader: ours refuses the files, because two of the cases have a name twice.
std::optional<Json> read_json(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  boost::json::error_code failure;
  Json parsed = boost::json::parse(text, failure);
  if (!failure) return parsed;
  std::cout << path.string() << ": " << failure.message() << "\n";
  return std::nullopt;
}

// What is wrong with the outcome of a case, or "".
std::string run_case(const JsonObject& fields) {
  auto result = harmonia::workflow::apply_patch(fields.at("doc"), fields.at("patch"));
  if (fields.contains("error")) {
    return result.ok() ? "wrongly applied, gives " + harmonia::to_text(*result) : "";
  }
  if (!result.ok()) return result.error().detail;
  // A case without an expectation only must apply.
  const Json* expected = fields.if_contains("expected");
  if (expected == nullptr || harmonia::json_equal(*result, *expected)) return "";
  return "gives " + harmonia::to_text(*result) + ", not " + harmonia::to_text(*expected);
}

void count(Tally& tally, const std::string& name, const std::string& failure,
           const std::map<std::string, std::string>& reasons) {
  auto known = reasons.find(name);
  if (known == reasons.end()) {
    failure.empty() ? ++tally.passed : ++tally.failed;
    if (!failure.empty()) std::cout << "FAIL " << name << ": " << failure << "\n";
  } else if (failure.empty()) {
    ++tally.failed;
    std::cout << "PASSES, but is listed as a known failure: " << name << "\n";
  } else {
    ++tally.known;
    std::cout << "known: " << name << ": " << known->second << "\n";
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: json_patch_conformance DIR [known_failures.json]\n";
    return 2;
  }
  std::map<std::string, std::string> reasons;
  fs::path folder(argv[1]);
  fs::path list(argc > 2 ? argv[2] : KNOWN_FAILURES);
  auto known = read_json(list);
  if (!known) return 2;
  for (const Json& entry : known->as_array()) {
    const auto& fields = entry.as_object();
    reasons[std::string(fields.at("test").as_string())] =
        std::string(fields.at("reason").as_string());
  }
  Tally tally;
  for (const char* file : {"spec_tests.json", "tests.json"}) {
    auto cases = read_json(folder / file);
    if (!cases) return 2;
    std::size_t number = 0;
    for (const Json& one : cases->as_array()) {
      const auto& fields = one.as_object();
      std::string name = std::string(file) + " " + std::to_string(number++);
      if (!fields.contains("patch")) continue;  // a heading
      count(tally, name, run_case(fields), reasons);
    }
  }
  std::cout << tally.known << " known failures\n";
  std::cout << tally.passed << " passed, " << tally.failed << " failed\n";
  return tally.failed == 0 ? 0 : 1;
}
