#include "tasks/secrets.h"

#include <gtest/gtest.h>

#include "tasks/testing/fake_engine.h"

namespace harmonia::tasks {
namespace {

using testing::json;

const JsonObject secrets = {{"A", "alpha-value"}, {"B_2", "${secret.A}"}, {"N", 17}};

const std::vector<engine::SecretUse> everywhere = {{.pointer = "", .name = "A"},
                                                   {.pointer = "", .name = "B_2"},
                                                   {.pointer = "", .name = "N"},
                                                   {.pointer = "", .name = "a"}};

std::string resolved(std::string_view input,
                     const std::vector<engine::SecretUse>& uses = everywhere) {
  auto result = resolve_secrets(json(input), uses, secrets);
  return result.ok() ? to_text(result->input) : result.error().code;
}

TEST(Secrets, references_become_values_wherever_they_stand) {
  EXPECT_EQ(resolved(R"("x ${secret.A} y ${secret.N}")"), R"("x alpha-value y 17")");
  EXPECT_EQ(resolved(R"({"k": [null, {"v": "${secret.A}"}]})"),
            R"({"k":[null,{"v":"alpha-value"}]})");
}

TEST(Secrets, a_value_is_not_resolved_again) {
  EXPECT_EQ(resolved(R"("${secret.B_2}")"), R"("${secret.A}")");
}

// A caller who sends "${secret.A}" as input must not get the value of A.
TEST(Secrets, a_reference_that_the_definition_does_not_name_there_stays_text) {
  std::string_view input =
      R"({"a": "${secret.A}", "ab": "${secret.A}", "c": ["${secret.A} ${secret.N}"]})";
  EXPECT_EQ(resolved(input, {}),
            R"({"a":"${secret.A}","ab":"${secret.A}","c":["${secret.A} ${secret.N}"]})");
  EXPECT_EQ(resolved(input, {{.pointer = "/a", .name = "A"}, {.pointer = "/c/0", .name = "N"}}),
            R"({"a":"alpha-value","ab":"${secret.A}","c":["${secret.A} 17"]})");
}

TEST(Secrets, what_is_no_reference_stays) {
  EXPECT_EQ(resolved(R"("${secret.} ${secret.a-b} ${secret.A ${input.x} $")"),
            R"("${secret.} ${secret.a-b} ${secret.A ${input.x} $")");
}

TEST(Secrets, names_of_members_are_not_resolved) {
  EXPECT_EQ(resolved(R"({"${secret.A}": "${secret.A}"})"), R"({"${secret.A}":"alpha-value"})");
}

TEST(Secrets, an_unknown_name_is_an_error) {
  EXPECT_EQ(resolved(R"("${secret.a}")"), "secret_not_found");
}

TEST(Redaction, finds_values_as_they_are_in_urls_and_in_json) {
  Redactor redactor;
  redactor.add("Q", "a \"b\"");
  EXPECT_EQ(redactor.redact(std::string("<a \"b\"> a%20%22b%22 a \\\"b\\\"")),
            "<[secret Q]> [secret Q] [secret Q]");
}

TEST(Redaction, of_two_values_the_longer_goes_first) {
  Redactor redactor;
  redactor.add("SHORT", "abcdef");
  redactor.add("LONG", "abcdefgh");
  EXPECT_EQ(redactor.redact(std::string("abcdefgh abcdef")), "[secret LONG] [secret SHORT]");
}

TEST(Redaction, very_short_values_stay_in_outputs_and_go_from_errors) {
  Redactor redactor;
  redactor.add("PIN", "1");
  EXPECT_EQ(to_text(redactor.redact(json(R"({"a1": "1"})"))), R"({"a1":"1"})");
  EXPECT_EQ(redactor.redact(std::string("pin 1")), "pin [secret PIN]");
}

}  // namespace
}  // namespace harmonia::tasks
