// Histories that released versions have written (tests/histories/VERSION/), read by this one: they
// mean what they meant, and are written again in the same bytes.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "execution/event.h"
#include "scenario/files.h"
#include "tests/histories/replay.h"

namespace harmonia::histories {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view folder = "tests/histories";

std::string read(const fs::path& path) {
  auto text = scenario::read_file(path.string());
  EXPECT_TRUE(text.ok()) << path;
  return text.ok() ? *text : std::string();
}

std::vector<std::string> read_lines(const fs::path& path) {
  std::istringstream in(read(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<fs::path> find_recordings() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().filename() == "history.jsonl") found.push_back(entry.path().parent_path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

TEST(Histories, mean_what_they_meant_when_they_were_written) {
  auto recordings = find_recordings();
  ASSERT_GT(recordings.size(), 10u);
  for (const fs::path& recording : recordings) {
    SCOPED_TRACE(recording);
    auto states =
        replay(read(recording / "definition.json"), read_lines(recording / "history.jsonl"));
    ASSERT_TRUE(states.ok()) << states.error().detail;
    EXPECT_EQ(*states, read_lines(recording / "states.jsonl"));
  }
}

// ----- what they cover -----

// What docs/event_format.md says an event of a kind has: `d`? may be absent.
struct Kind {
  std::string name;
  std::map<char, bool> optional;
};

std::map<std::string, Kind> read_kinds() {
  std::map<std::string, Kind> kinds;
  bool inside = false;
  for (const std::string& line : read_lines("docs/event_format.md")) {
    if (line.starts_with("## ")) inside = line == "## Kinds";
    if (!inside || !line.starts_with("| `")) continue;
    // | `es` | `execution_started` | `w` `r` `d`? | `workflow_started` |
    std::istringstream cells(line);
    std::string cell, code, name, members;
    std::getline(cells, cell, '|');
    std::getline(cells, code, '|');
    std::getline(cells, name, '|');
    std::getline(cells, members, '|');
    Kind& kind = kinds[code.substr(2, 2)];
    kind.name = name.substr(2, name.size() - 4);
    for (std::size_t i = 0; i + 2 < members.size(); ++i) {
      if (members[i] != '`' || members[i + 2] != '`') continue;
      kind.optional[members[i + 1]] = members[i + 3] == '?';
      i += 2;
    }
  }
  return kinds;
}

template <std::size_t... I>
std::set<std::string> names_of_all_events(std::index_sequence<I...>) {
  return {std::string(execution::event_name(
      execution::EventBody(std::variant_alternative_t<I, execution::EventBody>())))...};
}

// `kind.member`, `kind without member`, and `kind.w=2` for members that choose.
std::set<std::string> find_uses(const std::map<std::string, Kind>& kinds) {
  std::set<std::string> uses;
  for (const fs::path& recording : find_recordings()) {
    for (const std::string& row : read_lines(recording / "history.jsonl")) {
      auto parsed = parse_json(row);
      EXPECT_TRUE(parsed.ok()) << recording;
      for (const Json& value : parsed->get_array()) {
        if (!value.is_object()) continue;
        const JsonObject& event = value.get_object();
        std::string code = get_string(event, "e");
        uses.insert(code);
        for (const auto& [member, _] : kinds.at(code).optional) {
          const Json* found = event.if_contains(std::string(1, member));
          uses.insert(code + (found != nullptr ? "." : " without ") + member);
          if (found != nullptr && found->is_int64())
            uses.insert(code + "." + member + "=" + std::to_string(found->get_int64()));
        }
        for (const auto& member : event) {
          std::string key(text_view(member.key()));
          if (key == "x" && member.value().get_object().contains("instance"))
            uses.insert(code + ".x.instance");
          EXPECT_TRUE(key == "e" || key == "q" || kinds.at(code).optional.contains(key[0]))
              << "docs/event_format.md has no " << code << "." << key;
        }
        if (const Json* parent = event.if_contains("a"))
          uses.insert("es.a waits=" + to_text(parent->get_array().back()));
      }
    }
  }
  return uses;
}

TEST(Histories, cover_every_event_and_every_member) {
  auto kinds = read_kinds();
  std::set<std::string> named;
  for (const auto& [_, kind] : kinds) named.insert(kind.name);
  using Indices = std::make_index_sequence<std::variant_size_v<execution::EventBody>>;
  EXPECT_EQ(named, names_of_all_events(Indices()));
  auto uses = find_uses(kinds);
  for (const auto& [code, kind] : kinds) {
    EXPECT_TRUE(uses.contains(code)) << code << " (" << kind.name << ") is in no recording";
    for (const auto& [member, is_optional] : kind.optional) {
      EXPECT_TRUE(uses.contains(code + "." + member)) << code << "." << member;
      EXPECT_EQ(uses.contains(code + " without " + member), is_optional) << code << "." << member;
    }
  }
}

TEST(Histories, cover_every_choice) {
  auto uses = find_uses(read_kinds());
  // What is waited for (time, slot and incident have events of their own), how scopes end,
  // policies.
  for (std::string_view use :
       {"ta.w=2", "ta.w=3", "ta.w=4", "ta.w=6", "ta.w=7", "sc without w", "sc.w=1", "sc.w=2",
        "eq.w=0", "eq.w=1", "eq.w=2", "xc.w=0", "xc.w=1", "tf.n=0", "tc.n=0", "es.a waits=0",
        "es.a waits=1", "tf.x.instance", "ef.x.instance"}) {
    EXPECT_TRUE(uses.contains(std::string(use))) << use;
  }
}

}  // namespace
}  // namespace harmonia::histories
