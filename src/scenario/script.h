#pragma once

#include <memory>
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
  int line = 0;                             // of the directive, 1-based
  std::shared_ptr<const std::string> file;  // in which it stands: for messages and relative paths
  std::vector<std::string> comments;        // and blank lines before it, kept when it is rewritten
  std::string directive;                    // first line, e.g. `start e1 nightly {"id":42}`
  std::vector<std::string> body;            // lines up to `----`
  bool has_expectation = false;  // a block may end without `----`: then it must print nothing
  std::vector<std::string> expected;
  std::size_t end = 0;  // of `loop` and `foreach`: the place of its `end` among the blocks
};

struct ScenarioFile {
  std::vector<Block> blocks;
  std::vector<std::string> trailing;  // comments after the last block
};

// Where the text comes from, for messages; an example begins in the middle of its page.
struct Source {
  std::string file = "scenario";
  int first_line = 1;
};

inline constexpr std::size_t scenario_size_max = 4u << 20;  // bytes of text
inline constexpr std::size_t loop_nesting_max = 8;

// Errors say where, what and what to do: `greeting.wft:12: ...`.
Result<ScenarioFile> parse_scenario(std::string_view text, const Source& source = {});
// The file with the expected output replaced.
std::string render_scenario(const ScenarioFile& file);

// An error of a block, with its place in front.
Error error_at(const Block& block, std::string_view message);

// What a scripted task does with one attempt.
struct ScriptedOutcome {
  enum class Kind { ok, fail, hang } kind = Kind::ok;
  Duration after{0};
  Json output = JsonObject{};  // ok
  Error error = {};            // fail
  bool retryable = true;       // fail ... permanent
};

// `ok [JSON]`, `fail CODE "message" [permanent] [retry-after 5s]`, `hang`, each optionally behind
// `after 5s`. The message is written as in JSON.
Result<ScriptedOutcome> parse_outcome(std::string_view text);
// `5s`, `250ms`, `2m`, `1h`, `3d`; at most a hundred years.
Result<Duration> parse_short_duration(std::string_view text);

// The words of a directive; the last one may be JSON or quoted text with spaces.
std::vector<std::string> split_words(std::string_view line, std::size_t count_max);

}  // namespace harmonia::scenario
