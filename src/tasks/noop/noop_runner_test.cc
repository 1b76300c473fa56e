#include "tasks/noop/noop_runner.h"

#include "tasks/testing/registry_fixture.h"

namespace harmonia::tasks {
namespace {

using testing::RegistryFixture;
using Noop = RegistryFixture;

TEST_F(Noop, the_output_is_the_input) {
  EXPECT_EQ(to_text(run("noop", "", R"({"a": 1})").output), R"({"a":1})");
  EXPECT_EQ(to_text(run("noop", "whatever", "{}").output), "{}");
}

TEST_F(Noop, the_output_is_the_member_output_where_there_is_one) {
  EXPECT_EQ(to_text(run("noop", "", R"({"output": [1, 2], "a": 1})").output), "[1,2]");
  EXPECT_EQ(to_text(run("noop", "", R"({"output": null})").output), "null");
}

}  // namespace
}  // namespace harmonia::tasks
