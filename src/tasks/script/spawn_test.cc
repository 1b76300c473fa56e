#include "tasks/script/spawn.h"

#include <signal.h>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>

namespace harmonia::tasks {
namespace {

SpawnPlan sleeping() {
  return {.program = "/bin/sleep",
          .arguments = {"sleep", "100"},
          .environment = {},
          .directory = "/",
          .script = {}};
}

int status_of(pid_t pid) {
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return status;
}

TEST(Spawn, a_child_leads_a_process_group_of_its_own) {
  auto spawned = spawn(sleeping());
  ASSERT_TRUE(spawned.ok()) << spawned.error().detail;
  EXPECT_EQ(::getpgid(spawned->pid), spawned->pid);
  ::kill(-spawned->pid, SIGKILL);
  EXPECT_TRUE(WIFSIGNALED(status_of(spawned->pid)));
}

TEST(Spawn, a_child_dies_with_the_thread_that_made_it) {
  pid_t pid = -1;
  std::thread([&pid] {
    auto spawned = spawn(sleeping());
    ASSERT_TRUE(spawned.ok()) << spawned.error().detail;
    pid = spawned->pid;
  }).join();
  ASSERT_GT(pid, 0);
  int status = status_of(pid);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
}

TEST(Spawn, what_can_not_be_run_leaves_no_child) {
  SpawnPlan plan = sleeping();
  plan.program = "/no/such/program";
  auto spawned = spawn(plan);
  ASSERT_FALSE(spawned.ok());
  EXPECT_EQ(spawned.error().code, "invalid_argument");
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
}

TEST(Spawn, signals_the_parent_ignores_work_in_the_child) {
  auto before = ::signal(SIGTERM, SIG_IGN);
  auto spawned = spawn(sleeping());
  ::signal(SIGTERM, before);
  ASSERT_TRUE(spawned.ok()) << spawned.error().detail;
  ::kill(spawned->pid, SIGTERM);
  EXPECT_EQ(WTERMSIG(status_of(spawned->pid)), SIGTERM);
}

}  // namespace
}  // namespace harmonia::tasks
