#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"

// The text form of a scenario (.wft): blocks of a directive, its body, `----` and the exact output
// expected of it. docs/testing.md is the manual.
namespace harmonia::scenario {

struct Block {
  int line = 0;                       // of the directive, 1-based
  std::vector<std::string> comments;  // and blank lines before it, kept when the file is rewritten
  std::string directive;              // first line, e.g. `start e1 nightly {"id":42}`
  std::vector<std::string> body;      // lines up to `----`
  bool has_expectation = false;       // a block may end without `----`: then it must print nothing
  std::vector<std::string> expected;
};

struct ScenarioFile {
  std::vector<Block> blocks;
  std::vector<std::string> trailing;  // comments after the last block
};

Result<ScenarioFile> parse_scenario(std::string_view text);
// The file with the expected output replaced.
std::string render_scenario(const ScenarioFile& file);

// What a scripted task does with one attempt.
struct ScriptedOutcome {
  enum class Kind { ok, fail, hang } kind = Kind::ok;
  Duration after{0};
  Json output = JsonObject{};  // ok
  Error error = {};            // fail
  bool retryable = true;       // fail ... permanent
};

// `ok [JSON]`, `fail CODE "message" [permanent] [retry-after 5s]`, `hang`, each optionally behind
// `after 5s`.
Result<ScriptedOutcome> parse_outcome(std::string_view text);
// `5s`, `250ms`, `2m`, `1h`, `3d`.
Result<Duration> parse_short_duration(std::string_view text);

// The words of a directive; the last one may be JSON or quoted text with spaces.
std::vector<std::string> split_words(std::string_view line, std::size_t count_max);

}  // namespace harmonia::scenario
