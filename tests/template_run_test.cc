// The shipped templates of Tekton run: expanded, saved and executed with scripted components.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "scenario/world.h"
#include "store/memory/memory_store.h"
#include "workflow/template.h"

namespace harmonia {
namespace {

std::string read_file(const std::string& name) {
  std::ifstream file("tests/data/templates/" + name);
  EXPECT_TRUE(file) << name << " can't be read";
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Shipped {
  const char* file;
  const char* values;
  const char* first;   // a task whose output the next one needs
  const char* output;  // of it
  const char* last;    // a task that must have run
  const char* input;   // of the last one, as its component gets it
};

class ShippedTemplate : public ::testing::TestWithParam<Shipped> {};

TEST_P(ShippedTemplate, runs_to_its_end) {
  const Shipped& shipped = GetParam();
  auto parsed = workflow::parse_template(read_file(shipped.file));
  ASSERT_TRUE(parsed.ok());
  auto outcome = workflow::instantiate(*parsed.value, parse_json(shipped.values)->as_object());
  ASSERT_TRUE(outcome.ok());
  auto world = scenario::World::create(
      scenario::Mode::plain,
      []() -> Result<std::unique_ptr<store::Store>> { return store::make_memory_store(); });
  ASSERT_TRUE(world.ok());
  ASSERT_TRUE((*world)->put_workflow("made", to_text(outcome.definition->canonical)).ok());
  (*world)->script(shipped.first, {{.kind = scenario::ScriptedOutcome::Kind::ok,
                                    .output = *parse_json(shipped.output)}});
  ASSERT_TRUE((*world)->start("e1", "made", JsonObject{}).ok());
  ASSERT_TRUE((*world)->run().ok());
  auto history = (*world)->history("e1");
  ASSERT_TRUE(history.ok());
  std::string text;
  for (const std::string& line : *history) text += line + "\n";
  EXPECT_NE(text.find("execution-completed"), std::string::npos) << text;
  std::string scheduled =
      std::string("task-scheduled ") + shipped.last + "#1 input=" + shipped.input;
  EXPECT_NE(text.find(scheduled), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    Templates, ShippedTemplate,
    ::testing::Values(
        Shipped{"bug_fix.json", R"({"bug_report":"it breaks","reproduction_steps":"run it"})",
                "investigate", R"({"root_cause":"a race","recommended_fix":"a lock"})", "fix",
                R"({"root_cause":"a race","fix_strategy":"a lock"})"},
        Shipped{"code_refactoring.json", R"({"code_location":"src","refactoring_goals":"clarity"})",
                "analyze", R"({"refactoring_plan":"split it"})", "refactor",
                R"({"refactoring_plan":"split it","code_location":"src",)"
                R"("preserve_functionality":true})"},
        Shipped{"feature_development.json", R"({"feature_name":"f","requirements":"r"})",
                "implement", R"({"code_location":"src/f"})", "review",
                R"({"code_location":"src/f","documentation_required":true})"}));

}  // namespace
}  // namespace harmonia
