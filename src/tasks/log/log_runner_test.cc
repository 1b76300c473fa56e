#include "tasks/log/log_runner.h"

#include "tasks/testing/registry_fixture.h"

namespace harmonia::tasks {
namespace {

using testing::assignment;
using testing::json;
using testing::RegistryFixture;

class Log : public RegistryFixture {
 protected:
  // What was written to standard error meanwhile.
  std::string lines_of(engine::Assignment assigned) {
    ::testing::internal::CaptureStderr();
    EXPECT_TRUE(run(std::move(assigned)).ok);
    return ::testing::internal::GetCapturedStderr();
  }
};

TEST_F(Log, a_line_names_execution_workflow_and_task) {
  auto assigned = assignment("log", "write", json(R"({"message": "hello you"})"));
  std::string line = lines_of(assigned);
  EXPECT_NE(line.find("text=\"hello you\""), std::string::npos) << line;
  EXPECT_NE(line.find("execution=" + to_string(assigned.key.execution)), std::string::npos);
  EXPECT_NE(line.find("workflow=shop task=process[3]/charge"), std::string::npos) << line;
}

TEST_F(Log, level_and_fields_are_written) {
  std::string line = lines_of(assignment(
      "log", "write", json(R"({"message": "m", "level": "error", "fields": {"a": [1]}})")));
  EXPECT_NE(line.find(" error "), std::string::npos) << line;
  EXPECT_NE(line.find(R"("{\"a\":[1]}")"), std::string::npos) << line;
}

TEST_F(Log, a_message_can_not_begin_a_line_of_its_own) {
  std::string line = lines_of(assignment("log", "write", json(R"({"message": "a\nb"})")));
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
}

TEST_F(Log, values_of_secrets_are_not_written) {
  options.secrets = {{"TOKEN", "s3cr3t"}};
  std::string line =
      lines_of(assignment("log", "write", json(R"({"message": "${secret.TOKEN}"})")));
  EXPECT_EQ(line.find("s3cr3t"), std::string::npos) << line;
}

TEST_F(Log, the_output_is_the_message) {
  EXPECT_EQ(to_text(run("log", "write", R"({"message": {"a": 1}})").output),
            R"({"message":"{\"a\":1}"})");
  EXPECT_EQ(run("log", "write", R"({"level": "info"})").error.code, "invalid_argument");
  EXPECT_EQ(run("log", "write", R"({"message": 1, "level": "loud"})").error.code,
            "invalid_argument");
}

}  // namespace
}  // namespace harmonia::tasks
