#include "tasks/script/script_runner.h"

#include <dirent.h>
#include <filesystem>
#include <fstream>
#include <signal.h>

#include <sys/wait.h>

#include "tasks/testing/registry_fixture.h"

namespace harmonia::tasks {
namespace {

using namespace std::chrono_literals;
using testing::assignment;
using testing::eventually;
using testing::json;
using testing::RegistryFixture;
using testing::Reported;

// Under sanitizers and load a shell may need long.
constexpr auto promptly = 15s;

class Script : public RegistryFixture {
 protected:
  Script() { options.script.enabled = true; }

  Reported shell(std::string_view script, JsonObject more = {}) {
    return engine.wait_for(begin(script, std::move(more)));
  }
  engine::AttemptKey begin(std::string_view script, JsonObject more = {}) {
    more["script"] = json_view(script);
    return dispatch(assignment("script", "run", std::move(more)));
  }
  Reported command(std::string_view input) { return run("script", "run", input); }
};

std::string text_at(const Reported& reported, std::string_view name) {
  if (!reported.ok) return "error " + reported.error.code + ": " + reported.error.detail;
  return get_string(reported.output.get_object(), name);
}
std::string out(const Reported& reported) { return text_at(reported, "stdout"); }

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A folder for what scripts leave.
class Place {
 public:
  Place() {
    std::string path = std::filesystem::temp_directory_path() / "harmonia-test-XXXXXX";
    path_ = ::mkdtemp(path.data());
  }
  ~Place() { std::filesystem::remove_all(path_); }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

bool is_alive(const std::string& pid) { return !pid.empty() && ::kill(std::stoi(pid), 0) == 0; }

std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

TEST_F(Script, the_output_is_what_a_command_wrote) {
  auto reported = command(R"({"command": ["sh", "-c", "echo out; echo err >&2"]})");
  ASSERT_TRUE(reported.ok) << reported.error.detail;
  const JsonObject& output = reported.output.get_object();
  EXPECT_EQ(output.at("stdout"), "out\n");
  EXPECT_EQ(output.at("stderr"), "err\n");
  EXPECT_EQ(output.at("exit_code"), 0);
  EXPECT_GE(output.at("duration_ms").to_number<int>(), 0);
}

TEST_F(Script, arguments_are_not_read_by_a_shell) {
  EXPECT_EQ(out(command(R"({"command": ["echo", "$HOME *", 7, true]})")), "$HOME * 7 true\n");
}

TEST_F(Script, a_script_runs_in_its_interpreter) {
  EXPECT_EQ(out(shell("x=1\necho \"got $x\"")), "got 1\n");
  EXPECT_EQ(out(shell("BEGIN { print 6 * 7 }", {{"interpreter", "/bin/sh"}})).substr(0, 5),
            "error");
}

TEST_F(Script, a_script_may_be_longer_than_an_argument) {
  std::string script = "# " + std::string(500'000, 'x') + "\necho long";
  EXPECT_EQ(out(shell(script)), "long\n");
}

TEST_F(Script, stdin_is_a_string_as_it_is_or_json) {
  EXPECT_EQ(out(shell("cat", {{"stdin", "a\nb"}})), "a\nb");
  EXPECT_EQ(out(shell("cat", {{"stdin", JsonObject{{"a", 1}}}})), R"({"a":1})");
  EXPECT_EQ(out(shell("cat; echo end")), "end\n");
}

TEST_F(Script, a_large_stdin_comes_through) {
  std::string large(1'000'000, 'x');
  EXPECT_EQ(out(shell("cat", {{"stdin", json_view(large)}})).size(), large.size());
}

TEST_F(Script, a_program_that_does_not_read_its_stdin_is_no_fault) {
  std::string large(1'000'000, 'x');
  EXPECT_EQ(out(shell("exec 0<&-; echo done", {{"stdin", json_view(large)}})), "done\n");
}

TEST_F(Script, the_environment_holds_what_is_promised_and_nothing_else) {
  ::setenv("HARMONIA_TEST_LEAK", "leak", 1);
  auto assigned = assignment("script", "run", json(R"({"command": ["env"],
      "env": {"MINE": "my own", "LANG": "C"}})"));
  assigned.key.attempt = 3;
  auto reported = run(assigned);
  std::vector<std::string> lines;
  std::string text = out(reported);
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    lines.push_back(text.substr(at, text.find('\n', at) - at));
  }
  std::sort(lines.begin(), lines.end());
  std::string id = to_string(assigned.key.execution);
  ASSERT_EQ(lines.size(), 8U) << text;
  EXPECT_EQ(lines[0], "HARMONIA_ATTEMPT=3");
  EXPECT_EQ(lines[1], "HARMONIA_EXECUTION_ID=" + id);
  EXPECT_EQ(lines[2], "HARMONIA_IDEMPOTENCY_KEY=" + id + "/process[3]/charge");
  EXPECT_EQ(lines[3], "HARMONIA_TASK=process[3]/charge");
  EXPECT_TRUE(lines[4].starts_with("HOME=/")) << lines[4];
  EXPECT_EQ(lines[5], "LANG=C");
  EXPECT_EQ(lines[6], "MINE=my own");
  EXPECT_TRUE(lines[7].starts_with("PATH=/")) << lines[7];
}

TEST_F(Script, a_child_has_no_descriptors_but_its_three) {
  EXPECT_EQ(out(command(R"({"command": ["ls", "/proc/self/fd"]})")), "0\n1\n2\n3\n");
}

TEST_F(Script, a_child_leaves_no_core_and_has_a_bound_of_memory) {
  options.script.memory_max = 200u << 20;
  EXPECT_EQ(out(shell("ulimit -c; ulimit -v")), "0\n204800\n");
  auto reported = shell("x=$(head -c 300000000 /dev/zero | tr '\\0' a); echo ${#x}");
  EXPECT_FALSE(reported.ok);
}

TEST_F(Script, it_runs_in_a_fresh_folder_that_is_removed) {
  std::string folder = out(shell("touch a; mkdir b; pwd"));
  ASSERT_FALSE(folder.empty());
  folder.pop_back();
  EXPECT_TRUE(folder.find("harmonia-script-") != std::string::npos) << folder;
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_NE(out(shell("pwd")), folder + "\n");
}

TEST_F(Script, it_runs_where_input_or_options_say) {
  options.script.directory = "/usr";
  EXPECT_EQ(out(shell("pwd; echo $HOME")), "/usr\n/usr\n");
  EXPECT_EQ(out(shell("pwd", {{"working_directory", "/"}})), "/\n");
  auto reported = shell("pwd", {{"working_directory", "/nowhere"}});
  EXPECT_EQ(reported.error.code, "invalid_argument");
  EXPECT_EQ(reported.error.instance, "/working_directory");
}

TEST_F(Script, a_program_that_is_not_there_is_an_invalid_argument) {
  auto reported = command(R"({"command": ["no-such-program"]})");
  EXPECT_EQ(reported.error.code, "invalid_argument");
  EXPECT_FALSE(reported.retryable);
  EXPECT_EQ(command(R"({"command": ["/no/such"]})").error.code, "invalid_argument");
  EXPECT_EQ(command(R"({"command": ["/etc/passwd"]})").error.code, "invalid_argument");
}

TEST_F(Script, contradictory_input_is_refused) {
  EXPECT_EQ(command("{}").error.code, "invalid_argument");
  EXPECT_EQ(command(R"({"command": ["a"], "script": "b"})").error.code, "invalid_argument");
  EXPECT_EQ(command(R"({"command": []})").error.code, "invalid_argument");
  EXPECT_EQ(command(R"({"comand": ["a"]})").error.code, "invalid_argument");
  EXPECT_EQ(command(R"({"command": ["a"], "env": {"A=B": "c"}})").error.code, "invalid_argument");
}

TEST_F(Script, output_can_be_json) {
  auto reported = shell("echo '{\"a\": [1, 2.5]}'", {{"parse", "json"}});
  ASSERT_TRUE(reported.ok) << reported.error.detail;
  EXPECT_EQ(to_text(reported.output.at("json")), R"({"a":[1,2.5]})");
  auto bad = shell("echo nonsense", {{"parse", "json"}});
  EXPECT_EQ(bad.error.code, "malformed_json");
  EXPECT_FALSE(bad.retryable);
}

TEST_F(Script, output_can_be_lines) {
  auto reported = shell("printf 'a\\r\\n\\nb'", {{"parse", "lines"}});
  ASSERT_TRUE(reported.ok) << reported.error.detail;
  EXPECT_EQ(to_text(reported.output.at("lines")), R"(["a","","b"])");
}

TEST_F(Script, output_that_is_not_utf8_is_base64) {
  auto reported = shell("printf '\\377\\001'");
  EXPECT_EQ(out(reported), "/wE=");
  EXPECT_EQ(text_at(reported, "stdout_encoding"), "base64");
}

TEST_F(Script, a_non_zero_exit_is_a_failure_with_the_last_lines_of_stderr) {
  auto reported = shell("seq 1 20 >&2; exit 3");
  EXPECT_EQ(reported.error.code, "exit_3");
  EXPECT_TRUE(reported.retryable);
  EXPECT_EQ(reported.error.detail,
            "the script ended with exit code 3: 11\n12\n13\n14\n15\n16\n17\n18\n19\n20");
  EXPECT_EQ(shell("exit 4").error.detail, "the script ended with exit code 4");
}

TEST_F(Script, death_by_a_signal_is_killed) {
  auto reported = shell("echo why >&2; kill -SEGV $$");
  EXPECT_EQ(reported.error.code, "killed");
  EXPECT_EQ(reported.error.detail, "the script was killed by SIGSEGV: why");
}

TEST_F(Script, a_timeout_ends_the_whole_group) {
  Place place;
  auto reported =
      shell("(sleep 100 & echo $! > " + place.file("pid") + "; wait) & wait", {{"timeout", 0.5}});
  EXPECT_EQ(reported.error.code, "timeout");
  EXPECT_TRUE(reported.retryable);
  std::string pid = content_of(place.file("pid"));
  ASSERT_FALSE(pid.empty());
  EXPECT_TRUE(eventually([&] { return !is_alive(pid); }));
}

TEST_F(Script, what_ignores_the_request_to_end_is_killed) {
  auto reported = shell("trap '' TERM; while :; do sleep 0.05; done", {{"timeout", 0.2}});
  EXPECT_EQ(reported.error.code, "timeout");
}

TEST_F(Script, the_setting_bounds_the_time_whatever_the_input_says) {
  options.script.time_max = 200ms;
  EXPECT_EQ(shell("sleep 100", {{"timeout", 50}}).error.code, "timeout");
  EXPECT_EQ(shell("sleep 100").error.code, "timeout");
}

TEST_F(Script, the_deadline_bounds_the_time_too) {
  auto assigned = assignment("script", "run", json(R"({"command": ["sleep", "100"]})"));
  auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  assigned.deadline = now + 300ms;
  EXPECT_EQ(run(assigned).error.code, "timeout");
  auto late = assignment("script", "run", json(R"({"command": ["sleep", "100"]})"));
  late.deadline = now - 1s;
  EXPECT_EQ(run(late).error.code, "timeout");
}

TEST_F(Script, what_a_script_leaves_running_ends_with_it) {
  Place place;
  auto reported = shell("sleep 100 & echo $! > " + place.file("pid") + "; echo hi");
  EXPECT_EQ(out(reported), "hi\n");
  std::string pid = content_of(place.file("pid"));
  ASSERT_FALSE(pid.empty());
  EXPECT_TRUE(eventually([&] { return !is_alive(pid); }));
}

TEST_F(Script, what_leaves_the_group_does_not_hold_up_the_end) {
  auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(out(shell("setsid sleep 20 & echo hi")), "hi\n");
  EXPECT_LT(std::chrono::steady_clock::now() - start, promptly);
}

TEST_F(Script, too_much_output_kills_the_group) {
  options.script.output_max = 100'000;
  for (std::string script : {"cat /dev/zero", "cat /dev/zero >&2", "yes | cat"}) {
    auto reported = shell(script);
    EXPECT_EQ(reported.error.code, "output_too_large") << script;
    EXPECT_FALSE(reported.retryable);
  }
  EXPECT_EQ(out(shell("head -c 100000 /dev/zero | tr '\\0' a")).size(), 100'000U);
  EXPECT_EQ(shell("head -c 100001 /dev/zero").error.code, "output_too_large");
}

TEST_F(Script, a_cancel_ends_the_group_and_nothing_is_reported) {
  Place place;
  auto key = begin("sleep 100 & echo $! > " + place.file("pid") + "; wait");
  ASSERT_TRUE(eventually([&] { return !content_of(place.file("pid")).empty(); }));
  std::string pid = content_of(place.file("pid"));
  registry->cancel(key);
  EXPECT_TRUE(eventually([&] { return !is_alive(pid); }));
  EXPECT_EQ(engine.report_count(), 0U);
}

TEST_F(Script, stop_ends_all_children_and_reports_nothing) {
  Place place;
  for (int i = 0; i < 3; ++i) {
    begin("sleep 100 & echo $! > " + place.file(std::to_string(i)) + "; wait");
  }
  for (int i = 0; i < 3; ++i) {
    auto path = place.file(std::to_string(i));
    ASSERT_TRUE(eventually([&] { return !content_of(path).empty(); }));
  }
  registry->stop();
  for (int i = 0; i < 3; ++i) {
    std::string pid = content_of(place.file(std::to_string(i)));
    EXPECT_TRUE(eventually([&] { return !is_alive(pid); }));
  }
  EXPECT_EQ(engine.report_count(), 0U);
}

TEST_F(Script, more_than_may_run_at_once_wait_their_turn) {
  options.script.parallel_max = 2;
  Place place;
  std::string script = "echo x >> " + place.file("begun") + "; while [ ! -e " + place.file("go") +
                       " ]; do sleep 0.02; done";
  auto key = begin(script);
  for (int i = 0; i < 4; ++i) key = begin(script);
  ASSERT_TRUE(eventually([&] { return content_of(place.file("begun")) == "x\nx\n"; }));
  registry->cancel(key);
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(content_of(place.file("begun")), "x\nx\n");
  std::ofstream(place.file("go")) << "now";
  EXPECT_TRUE(engine.wait_for_count(4));
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(content_of(place.file("begun")), "x\nx\nx\nx\n");
}

TEST_F(Script, many_scripts_leave_no_descriptors_and_no_zombies) {
  EXPECT_TRUE(shell("true").ok);
  std::size_t before = open_descriptors();
  constexpr std::size_t count = 100;
  for (std::size_t i = 0; i < count; ++i) begin("echo " + std::to_string(i));
  ASSERT_TRUE(engine.wait_for_count(count + 1, 60s));
  EXPECT_EQ(shell("exit 0", {{"interpreter", "/no/such"}}).error.code, "invalid_argument");
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(Script, values_of_secrets_in_stderr_are_not_in_the_error) {
  options.secrets = {{"TOKEN", "s3cr3t"}};
  auto reported = shell("echo ${secret.TOKEN} >&2; exit 1");
  EXPECT_EQ(reported.error.detail, "the script ended with exit code 1: [secret TOKEN]");
}

TEST_F(Script, unless_enabled_it_is_refused_and_says_how_to_enable_it) {
  options.script.enabled = false;
  auto reported = shell("true");
  EXPECT_EQ(reported.error.code, "refused");
  EXPECT_FALSE(reported.retryable);
  EXPECT_NE(reported.error.detail.find("--enable-scripts"), std::string::npos);
  EXPECT_NE(reported.error.detail.find("HARMONIA_ENABLE_SCRIPTS"), std::string::npos);
}

}  // namespace
}  // namespace harmonia::tasks
