#include "scenario/runner.h"

#include <filesystem>
#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include "scenario/files.h"
#include "store/memory/memory_store.h"

namespace harmonia::scenario {
namespace {

Result<RunReport> play(std::string_view text, const std::string& file = "x.wft") {
  TRY(ScenarioFile scenario, parse_scenario(text, {.file = file}));
  auto open = []() -> Result<std::unique_ptr<store::Store>> { return store::make_memory_store(); };
  TRY(auto world, World::create(Mode::plain, open));
  return run_scenario(scenario, *world);
}

std::string complaint(std::string_view text, const std::string& file = "x.wft") {
  auto report = play(text, file);
  return report.ok() ? "accepted" : report.error().detail;
}

TEST(Runner, a_mistake_is_told_with_its_place_and_what_to_do) {
  struct Case {
    std::string_view text;
    std::string_view message;
  };
  constexpr Case cases[] = {
      {"run\n\nstrat e1 w", "x.wft:3: 'strat' is no directive; did you mean `start`?"},
      {"retry e1 charge",
       "x.wft:1: 'retry' is no directive; did you mean `resolve ID TASK retry`?"},
      {"xyzzy", "x.wft:1: 'xyzzy' is no directive; there are advance approve"},
      {"start e1", "x.wft:1: the form of this directive is `start ID WORKFLOW [JSON]`"},
      {"history e1", "x.wft:1: no execution 'e1' was started"},
      {"advance soon", "x.wft:1: 'soon' is no duration; write 250ms"},
      {"crash now", "x.wft:1: the form of this directive is `crash [before-commit|"},
      {"crash after-commit",
       "x.wft:1: `step` commits nothing, so that the process can't die there"},
      {"workflow w from absent.yaml", "x.wft:1: cannot read absent.yaml: there is no such file"},
      {"workflow w in y", "x.wft:1: the form of this directive is `workflow NAME`, then YAML, or"},
      {"include absent.wft", "x.wft:1: cannot read absent.wft: there is no such file"},
      {"loop 0\n\nend", "x.wft:1: the form of this directive is `loop COUNT [as NAME]`"},
      {"loop 2 as a-b\n\nend", "x.wft:1: the form of this directive is `loop COUNT [as NAME]`"},
      {"foreach x of 1\n\nend", "x.wft:1: the form of this directive is `foreach NAME in VALUE..."},
      {"loop 2 as n\n\nstrat <n>\n\nend", "x.wft:3: 'strat' is no directive"},
      {"env []", "x.wft:1: the form of this directive is `env {\"NAME\": ...}`"},
      {"script a\n  perhaps", "x.wft:1: 'perhaps' is no outcome; write `ok [JSON]`"},
  };
  for (const Case& one : cases)
    EXPECT_TRUE(complaint(one.text).starts_with(one.message)) << complaint(one.text);
}

TEST(Runner, what_a_scenario_does_is_bounded) {
  EXPECT_NE(complaint("loop 100000\n\nloop 100000\n\nrun\n\nend\n\nend")
                .find("x.wft:5: the scenario does more than"),
            std::string::npos);
  auto long_one = play("loop 2\n\nadvance 36525d\n\nend");
  ASSERT_TRUE(long_one.ok() && long_one->mismatches.size() == 1);
  EXPECT_NE(long_one->mismatches[0].actual[0].find("150 years"), std::string::npos);
  // Values that hold each other's names.
  std::string many;
  for (int i = 0; i < 3000; ++i) many += "<a>";
  std::string text = "foreach a in " + std::string(3000, 'x') + "\n\nforeach b in [\"" + many +
                     "\"]\n\nrun <b>\n\nend\n\nend";
  EXPECT_NE(complaint(text).find("larger than a scenario may be"), std::string::npos);
}

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "harmonia-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

TEST(Runner, an_error_of_an_included_file_names_that_file) {
  Folder folder;
  std::string inner = folder.write("inner.wft", "run\n\nstrat\n");
  std::string outer = folder.write("outer.wft", "include inner.wft\n");
  EXPECT_TRUE(complaint("run\n\ninclude inner.wft", outer).starts_with(inner + ":3: 'strat'"));
  std::string printing = folder.write("printing.wft", "run\n----\n");
  EXPECT_TRUE(
      complaint("include printing.wft", outer).starts_with(printing + ":1: a file that is"));
  folder.write("itself.wft", "include itself.wft\n");
  EXPECT_NE(complaint("include itself.wft", outer).find("does one include itself?"),
            std::string::npos);
}

TEST(Runner, what_a_loop_prints_is_expected_at_its_end) {
  auto report = play("foreach x in 1 [2]\n\neval <x>\n\nend\n----\n1\n[3]");
  ASSERT_TRUE(report.ok()) << report.error().detail;
  ASSERT_EQ(report->mismatches.size(), 1u);
  EXPECT_EQ(report->mismatches[0].line, 5);
  EXPECT_EQ(report->mismatches[0].actual, (Lines{"1", "[2]"}));
  EXPECT_EQ(render_scenario(report->updated),
            "foreach x in 1 [2]\n\neval <x>\n\nend\n----\n1\n[2]\n");
}

// Real scenarios with a few bytes or lines changed: whatever comes of them, it is no crash.
TEST(Runner, damaged_scenarios_are_survived) {
  std::vector<std::string> texts;
  for (const auto& entry : std::filesystem::directory_iterator("tests/scenarios")) {
    if (entry.path().extension() == ".wft") texts.push_back(*read_file(entry.path().string()));
  }
  ASSERT_GT(texts.size(), 100u);
  std::sort(texts.begin(), texts.end());
  std::mt19937 random(7);
  auto below = [&random](std::size_t bound) { return random() % bound; };
  int accepted = 0;
  for (int round = 0; round < 400; ++round) {
    std::string text = texts[below(texts.size())];
    if (text.size() > 4000) continue;
    for (std::size_t change = below(4) + 1; change > 0; --change) {
      std::size_t at = below(text.size());
      if (below(3) == 0) {
        std::size_t begin = text.rfind('\n', at) == std::string::npos ? 0 : text.rfind('\n', at);
        text.erase(begin, text.find('\n', at) - begin);
      } else {
        text[at] = static_cast<char>(below(2) == 0 ? ' ' + below(95) : below(256));
      }
      if (text.empty()) break;
    }
    accepted += play(text, "tests/scenarios/x.wft").ok();
  }
  EXPECT_GT(accepted, 50);
}

}  // namespace
}  // namespace harmonia::scenario
