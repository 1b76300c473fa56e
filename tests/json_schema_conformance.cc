// Runs the public JSON Schema test suite: json_schema_conformance DIR [known_failures.json]
//
// DIR holds draft2020-12/, draft7/ and remotes/ as json-schema-org publishes them, or is one of the
// two drafts within such a folder. Prints each failure, each known failure with its reason and,
// last, `N passed, M failed`. Known failures (a list of {"test", "reason"}) are counted apart; one
// that passes is a failure too, so that the list cannot rot.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "workflow/json_schema.h"

namespace {

namespace fs = std::filesystem;
using harmonia::Json;
using harmonia::workflow::JsonSchema;
using harmonia::workflow::SchemaDocuments;

struct Tally {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t known = 0;
  std::map<std::string, std::string> expected_failures;  // name -> reason
};

Json read_json(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  auto parsed = harmonia::parse_json(text);
  if (!parsed.ok()) {
    std::cerr << path.string() << ": " << parsed.error().detail << "\n";
    return {};
  }
  return std::move(*parsed);
}

std::vector<fs::path> json_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

SchemaDocuments read_remotes(const fs::path& folder) {
  SchemaDocuments documents;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    documents["http://localhost:1234/" + fs::relative(entry.path(), folder).generic_string()] =
        read_json(entry.path());
  }
  return documents;
}

void count(Tally& tally, const std::string& name, bool passed, const std::string& detail) {
  auto known = tally.expected_failures.find(name);
  if (known != tally.expected_failures.end()) {
    if (!passed) {
      ++tally.known;
      std::cout << "known: " << name << ": " << known->second << "\n";
      return;
    }
    std::cout << "PASSES, but is listed as a known failure: " << name << "\n";
    ++tally.failed;
    return;
  }
  passed ? ++tally.passed : ++tally.failed;
  if (!passed) std::cout << "FAIL " << name << ": " << detail << "\n";
}

void run_group(const Json& group, const std::string& file, const SchemaDocuments& remotes,
               Tally& tally) {
  const auto& object = group.as_object();
  Json source = object.at("schema");
  // A schema of the draft 7 tests need not say so itself.
  bool draft7 = file.starts_with("draft7/");
  if (draft7 && source.is_object() && !source.as_object().contains("$schema")) {
    harmonia::JsonObject with_draft;
    with_draft["$schema"] = "http://json-schema.org/draft-07/schema#";
    for (const auto& member : source.as_object()) with_draft[member.key()] = member.value();
    source = with_draft;
  }
  auto schema = JsonSchema::compile(source, remotes);
  std::string prefix = file + ": " + std::string(object.at("description").as_string()) + ": ";
  for (const Json& test : object.at("tests").as_array()) {
    const auto& fields = test.as_object();
    std::string name = prefix + std::string(fields.at("description").as_string());
    if (!schema.ok()) {
      count(tally, name, false, schema.error().detail);
      continue;
    }
    auto problems = schema->validate(fields.at("data"));
    bool passed = problems.empty() == fields.at("valid").as_bool();
    count(tally, name, passed,
          problems.empty() ? "wrongly accepted" : "wrongly refused: " + problems[0].message);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: json_schema_conformance DIR [known_failures.json]\n";
    return 2;
  }
  fs::path suite = fs::canonical(argv[1]);
  std::vector<std::string> drafts = {"draft2020-12", "draft7"};
  if (std::find(drafts.begin(), drafts.end(), suite.filename().string()) != drafts.end()) {
    drafts = {suite.filename().string()};
    suite = suite.parent_path();
  }
  Tally tally;
  Json known = read_json(argc > 2 ? argv[2] : KNOWN_FAILURES);
  for (const Json& entry : known.as_array()) {
    const auto& fields = entry.as_object();
    tally.expected_failures[std::string(fields.at("test").as_string())] =
        std::string(fields.at("reason").as_string());
  }
  auto remotes = read_remotes(suite / "remotes");
  for (const std::string& draft : drafts) {
    for (const std::string& part : {draft, draft + "/optional"}) {
      for (const fs::path& file : json_files(suite / part)) {
        std::string name = part + "/" + file.filename().string();
        Json groups = read_json(file);
        for (const Json& group : groups.as_array()) run_group(group, name, remotes, tally);
      }
    }
  }
  std::cout << tally.known << " known failures\n";
  std::cout << tally.passed << " passed, " << tally.failed << " failed\n";
  return tally.failed == 0 ? 0 : 1;
}
