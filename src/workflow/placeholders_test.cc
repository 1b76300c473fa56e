#include "workflow/placeholders.h"

#include <gtest/gtest.h>

namespace harmonia::workflow {
namespace {

std::string translate(std::string_view text) {
  Json medium = "medium";
  PlaceholderNames names;
  names.is_task = [](std::string_view name) {
    return name == "investigate" || name == "fetch-all";
  };
  names.input_default = [&medium](std::string_view name) {
    return name == "priority" ? &medium : nullptr;
  };
  names.is_input = [](std::string_view name) { return name == "bug_report"; };
  auto translated = translate_placeholders(text, names);
  if (!translated.ok()) return "error";
  return translated->value_or("unchanged");
}

TEST(Placeholders, names_become_inputs_and_tasks) {
  EXPECT_EQ(translate("{{ bug_report }}"), "${input.bug_report}");
  EXPECT_EQ(translate("{{ investigate.output.root_cause }}"),
            "${tasks.investigate.output.root_cause}");
  EXPECT_EQ(translate("{{fetch-all.output.items[0].id}}"),
            "${tasks[\"fetch-all\"].output.items[0].id}");
  EXPECT_EQ(translate("{{ input.x }}"), "${input.x}");
}

TEST(Placeholders, defaults_stay_defaults) {
  EXPECT_EQ(translate("{{ coverage | default(80) }}"), "${default(input.coverage, 80)}");
  EXPECT_EQ(translate("{{ x|default('a b') }}"), "${default(input.x, \"a b\")}");
  EXPECT_EQ(translate("{{ priority }}"), "${default(input.priority, \"medium\")}");
  EXPECT_EQ(translate("{{ priority | default(True) }}"), "${default(input.priority, true)}");
}

TEST(Placeholders, text_around_them_stays) {
  EXPECT_EQ(translate("a {{ x }} b {{ y }}"), "a ${input.x} b ${input.y}");
  EXPECT_EQ(translate("${input.x} {one}"), "unchanged");
}

TEST(Placeholders, what_is_more_than_a_name_is_an_error) {
  for (const char* text :
       {"{{ x + 1 }}", "{{ }}", "{{ x | upper }}", "{{ x", "{{ x | default(y) }}", "{{ a..b }}",
        "{{ a[x] }}", "{{ x | default('it\\'s') }}"}) {
    EXPECT_EQ(translate(text), "error") << text;
  }
}

}  // namespace
}  // namespace harmonia::workflow
