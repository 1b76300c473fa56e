// What the language and the engine have must stand in a scenario of tests/scenarios, or in
// tests/data/not_in_scenarios.txt with the reason why it can't.
#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "execution/event.h"
#include "scenario/files.h"
#include "scenario/script.h"
#include "tests/language_use.h"
#include "workflow/parse.h"

namespace harmonia {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string, std::less<>>;

std::string read(const fs::path& path) {
  auto text = scenario::read_file(path.string());
  EXPECT_TRUE(text.ok()) << path;
  return text.ok() ? *text : std::string();
}

// What stands in the scenarios.
class Scenarios {
 public:
  Scenarios() {
    for (const auto& entry : fs::recursive_directory_iterator("tests/scenarios")) {
      if (entry.path().extension() != ".wft") continue;
      auto file = scenario::parse_scenario(read(entry.path()), {.file = entry.path().string()});
      EXPECT_TRUE(file.ok()) << entry.path();
      if (!file.ok()) continue;
      for (const scenario::Block& block : file->blocks) note(block);
    }
  }

  const Names& language() const { return language_.names(); }
  bool prints(std::string_view text) const { return printed_.find(text) != std::string::npos; }
  // `pause: wrong_state`: a directive and the code by which it was refused.
  const Names& refusals() const { return refusals_; }

 private:
  void note(const scenario::Block& block) {
    std::string word = scenario::split_words(block.directive, 2).front();
    if (word == "workflow" && !block.body.empty()) note_definition(block.body);
    for (const std::string& line : block.expected) {
      printed_.append(line).append("\n");
      auto words = scenario::split_words(line, 3);
      if (words.size() > 2 && words[0] == "refused:")
        refusals_.insert(word + ": " + words[1].substr(0, words[1].size() - 1));
    }
  }

  void note_definition(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text.append(line).append("\n");
    // Those that are refused show nothing that works.
    auto value = workflow::parse_yaml(text);
    if (value.ok() && workflow::parse_definition(text).ok()) language_.note_definition(*value);
  }

  LanguageUse language_;
  std::string printed_;
  Names refusals_;
};

// The exceptions of one kind: `KIND NAME -- REASON`, where the name may hold spaces.
class Exceptions {
 public:
  explicit Exceptions(std::string_view kind) {
    std::istringstream in(read("tests/data/not_in_scenarios.txt"));
    std::string prefix = std::string(kind) + " ";
    for (std::string line; std::getline(in, line);) {
      if (!line.starts_with(prefix)) continue;
      std::size_t end = line.find(" -- ");
      EXPECT_NE(end, std::string::npos) << "no reason: " << line;
      if (end != std::string::npos) unused_.insert(line.substr(prefix.size(), end - prefix.size()));
    }
  }
  ~Exceptions() {
    for (const std::string& name : unused_)
      ADD_FAILURE() << "tests/data/not_in_scenarios.txt: nothing needs '" << name << "'; delete it";
  }
  Exceptions(const Exceptions&) = delete;
  Exceptions& operator=(const Exceptions&) = delete;

  bool allow(const std::string& name) { return unused_.erase(name) > 0; }

 private:
  Names unused_;
};

TEST(ScenarioCoverage, each_field_and_each_choice_of_the_language_is_used) {
  Scenarios scenarios;
  Exceptions exceptions("language");
  for (const std::string& name : language_vocabulary()) {
    if (scenarios.language().contains(name)) continue;
    EXPECT_TRUE(exceptions.allow(name)) << "in no scenario: " << name;
  }
}

template <std::size_t... I>
Names names_of_all_events(std::index_sequence<I...>) {
  using execution::EventBody;
  return {
      std::string(execution::event_name(EventBody(std::variant_alternative_t<I, EventBody>())))...};
}

TEST(ScenarioCoverage, each_event_is_shown) {
  Scenarios scenarios;
  for (std::string name :
       names_of_all_events(std::make_index_sequence<std::variant_size_v<execution::EventBody>>())) {
    std::replace(name.begin(), name.end(), '_', '-');
    EXPECT_TRUE(scenarios.prints(" " + name)) << "in no scenario: " << name;
  }
}

// The codes that src/base/error.h lists.
Names read_codes() {
  std::string text = read("src/base/error.h");
  text = text.substr(text.find("namespace error_code"));
  Names codes;
  constexpr std::string_view mark = "std::string_view ";
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
    at += mark.size();
    std::size_t end = text.find(" =", at);
    std::string name = text.substr(at, end - at);
    bool is_name = name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos;
    if (is_name) codes.insert(std::move(name));
  }
  return codes;
}

TEST(ScenarioCoverage, each_code_is_shown) {
  Scenarios scenarios;
  Exceptions exceptions("code");
  Names codes = read_codes();
  ASSERT_TRUE(codes.contains("stale") && codes.contains("rejected"));
  for (const std::string& code : codes) {
    // As the error of an event, or as a refusal.
    if (scenarios.prints(" " + code + " \"") || scenarios.prints("refused: " + code + ":"))
      continue;
    EXPECT_TRUE(exceptions.allow(code)) << "in no scenario: " << code;
  }
}

// Which refusals each command may meet (src/execution/decide_*.cc).
TEST(ScenarioCoverage, each_command_is_refused_in_each_way) {
  const std::map<std::string, std::vector<std::string>> ways = {
      {"start", {"not_found", "conflict", "schema"}},
      {"report", {"not_found", "stale"}},
      {"pause", {"not_found", "wrong_state"}},
      {"resume", {"not_found", "wrong_state"}},
      {"cancel", {"not_found", "wrong_state"}},
      {"signal", {"not_found", "wrong_state"}},
      {"approve", {"not_found", "wrong_state", "stale", "schema"}},
      {"reject", {"not_found", "wrong_state", "stale"}},
      {"callback", {"not_found", "wrong_state", "stale"}},
      {"resolve", {"not_found", "wrong_state", "stale"}}};
  Scenarios scenarios;
  for (const auto& [command, codes] : ways) {
    for (const std::string& code : codes)
      EXPECT_TRUE(scenarios.refusals().contains(command + ": " + code))
          << "in no scenario: " << command << " refused with " << code;
  }
}

// Behind the parenthesis that closes the one before `at`; strings are passed over.
std::size_t end_of_call(const std::string& text, std::size_t at) {
  int depth = 1;
  for (bool quoted = false; at < text.size() && depth > 0; ++at) {
    if (quoted && text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      quoted = !quoted;
    } else if (!quoted && (text[at] == '(' || text[at] == ')')) {
      depth += text[at] == '(' ? 1 : -1;
    }
  }
  return at;
}

// The longest fixed part of the message of each error that the core and the engine make.
Names read_messages() {
  constexpr std::string_view call = "make_error(error_code::";
  Names messages;
  for (const char* folder : {"src/execution", "src/engine"}) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      std::string name = entry.path().filename().string();
      if (!name.ends_with(".cc") || name.ends_with("_test.cc")) continue;
      std::string text = read(entry.path());
      for (auto at = text.find(call); at != std::string::npos; at = text.find(call, at)) {
        at += call.size();
        std::size_t end = end_of_call(text, at);
        std::string longest;
        for (std::size_t begin = text.find('"', at); begin < end;) {
          std::size_t close = text.find('"', begin + 1);
          if (close - begin - 1 > longest.size())
            longest = text.substr(begin + 1, close - begin - 1);
          begin = text.find('"', close + 1);
        }
        if (!longest.empty()) messages.insert(longest);
      }
    }
  }
  return messages;
}

TEST(ScenarioCoverage, each_error_of_the_core_and_the_engine_is_shown) {
  Scenarios scenarios;
  Exceptions exceptions("message");
  Names messages = read_messages();
  ASSERT_GT(messages.size(), 30u);
  for (const std::string& message : messages) {
    if (scenarios.prints(message)) continue;
    EXPECT_TRUE(exceptions.allow(message)) << "in no scenario: " << message;
  }
}

}  // namespace
}  // namespace harmonia
