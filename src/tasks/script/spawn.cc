#include "tasks/script/spawn.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <system_error>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace harmonia::tasks {
namespace {

constexpr int script_descriptor = 3;
// Descriptors that are to be copied to 0..3 must not stand there.
constexpr int descriptor_min = 10;

std::string reason_of(int number) { return std::generic_category().message(number); }

Error no_room(std::string_view what, int number) {
  return make_error(error_code::unavailable, "no child process could be made: " +
                                                 std::string(what) + ": " + reason_of(number));
}

// The same file under a number that is free for it, closed by exec.
Result<FileDescriptor> moved_up(FileDescriptor file) {
  if (file.number() >= descriptor_min) return file;
  FileDescriptor moved(::fcntl(file.number(), F_DUPFD_CLOEXEC, descriptor_min));
  if (!moved.is_open()) return no_room("fcntl", errno);
  return moved;
}

struct Pipe {
  FileDescriptor reader;
  FileDescriptor writer;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return no_room("pipe", errno);
  FileDescriptor reader(ends[0]);
  FileDescriptor writer(ends[1]);
  TRY(reader, moved_up(std::move(reader)));
  TRY(writer, moved_up(std::move(writer)));
  return Pipe{.reader = std::move(reader), .writer = std::move(writer)};
}

void make_nonblocking(const FileDescriptor& file) {
  int flags = ::fcntl(file.number(), F_GETFL);
  ::fcntl(file.number(), F_SETFL, flags | O_NONBLOCK);
}

// A file of the script's text that needs no place on a disk and leaves none behind.
Result<FileDescriptor> make_script_file(const std::string& text) {
  FileDescriptor file(::memfd_create("script", MFD_CLOEXEC));
  if (!file.is_open()) return no_room("memfd_create", errno);
  for (std::size_t done = 0; done < text.size();) {
    ssize_t count = ::write(file.number(), text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR) return no_room("writing the script", errno);
    if (count > 0) done += static_cast<std::size_t>(count);
  }
  return moved_up(std::move(file));
}

// All the child needs, in the shape system calls want it: between fork and exec a child of a
// program with threads may only make system calls.
struct ChildSetup {
  const char* program = nullptr;
  const char* directory = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  std::array<int, 4> files{-1, -1, -1, -1};  // what becomes 0, 1, 2 and 3
  int failure = -1;                          // pipe that tells why exec did not happen
  pid_t parent = 0;
  rlim_t memory_max = 0;
};

struct SpawnFailure {
  enum class Step : int { setup, directory, program };
  Step step = Step::setup;
  int number = 0;
};

[[noreturn]] void fail_child(const ChildSetup& setup, SpawnFailure::Step step) {
  SpawnFailure failure{.step = step, .number = errno};
  [[maybe_unused]] ssize_t count = ::write(setup.failure, &failure, sizeof(failure));
  ::_exit(127);
}

void reset_signals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool set_limits(const ChildSetup& setup) {
  const rlimit no_core{.rlim_cur = 0, .rlim_max = 0};
  const rlimit memory{.rlim_cur = setup.memory_max, .rlim_max = setup.memory_max};
  return ::setrlimit(RLIMIT_CORE, &no_core) == 0 &&
         (setup.memory_max == 0 || ::setrlimit(RLIMIT_AS, &memory) == 0);
}

bool place_files(const ChildSetup& setup) {
  for (int number = 0; number <= script_descriptor; ++number) {
    int file = setup.files[static_cast<std::size_t>(number)];
    if (file >= 0 && ::dup2(file, number) < 0) return false;
  }
  // Ours are all closed by exec anyway; a library's might not be.
  bool has_script = setup.files[script_descriptor] >= 0;
  ::close_range(has_script ? script_descriptor + 1 : script_descriptor, ~0U, CLOSE_RANGE_CLOEXEC);
  return true;
}

[[noreturn]] void run_child(const ChildSetup& setup) {
  using Step = SpawnFailure::Step;
  if (::setpgid(0, 0) != 0) fail_child(setup, Step::setup);
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail_child(setup, Step::setup);
  if (::getppid() != setup.parent) ::_exit(127);  // the parent was gone before it could be said
  reset_signals();
  if (!place_files(setup)) fail_child(setup, Step::setup);
  if (::chdir(setup.directory) != 0) fail_child(setup, Step::directory);
  if (!set_limits(setup)) fail_child(setup, Step::setup);
  ::execve(setup.program, setup.arguments, setup.environment);
  fail_child(setup, Step::program);
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Nothing when exec has happened: that closes the pipe.
std::optional<SpawnFailure> read_failure(const FileDescriptor& reader) {
  SpawnFailure failure;
  ssize_t count = -1;
  do {
    count = ::read(reader.number(), &failure, sizeof(failure));
  } while (count < 0 && errno == EINTR);
  if (count != static_cast<ssize_t>(sizeof(failure))) return std::nullopt;
  return failure;
}

Error error_of(const SpawnFailure& failure, const SpawnPlan& plan) {
  bool passing = failure.number == EAGAIN || failure.number == ENOMEM || failure.number == EMFILE ||
                 failure.number == ENFILE;
  switch (failure.step) {
    case SpawnFailure::Step::setup: return no_room("setting it up", failure.number);
    case SpawnFailure::Step::directory:
      return make_error(
          error_code::invalid_argument,
          "the folder '" + plan.directory + "' can't be worked in: " + reason_of(failure.number),
          "/working_directory");
    case SpawnFailure::Step::program: break;
  }
  if (passing) return no_room("exec", failure.number);
  return make_error(error_code::invalid_argument,
                    "'" + plan.program + "' can't be run: " + reason_of(failure.number),
                    plan.script.empty() ? "/command" : "/interpreter");
}

// glibc 2.36 declares it for C only.
FileDescriptor open_process(pid_t pid) {
  return FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

void wait_for_exit(pid_t pid) {
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

Result<Spawned> spawn(const SpawnPlan& plan) {
  TRY(Pipe input, make_pipe());
  TRY(Pipe output, make_pipe());
  TRY(Pipe errors, make_pipe());
  TRY(Pipe failure, make_pipe());
  FileDescriptor script;
  if (!plan.script.empty()) {
    TRY(script, make_script_file(plan.script));
  }
  auto arguments = pointers_to(plan.arguments);
  auto environment = pointers_to(plan.environment);
  const ChildSetup setup{.program = plan.program.c_str(),
                         .directory = plan.directory.c_str(),
                         .arguments = arguments.data(),
                         .environment = environment.data(),
                         .files = {input.reader.number(), output.writer.number(),
                                   errors.writer.number(), script.number()},
                         .failure = failure.writer.number(),
                         .parent = ::getpid(),
                         .memory_max = plan.memory_max};
  pid_t pid = ::fork();
  if (pid < 0) return no_room("fork", errno);
  if (pid == 0) run_child(setup);

  ::setpgid(pid, pid);  // whichever of the two comes first
  failure.writer.close();
  if (auto found = read_failure(failure.reader)) {
    wait_for_exit(pid);
    return error_of(*found, plan);
  }
  Spawned spawned{.pid = pid,
                  .process = open_process(pid),
                  .input = std::move(input.writer),
                  .output = std::move(output.reader),
                  .errors = std::move(errors.reader)};
  make_nonblocking(spawned.input);
  make_nonblocking(spawned.output);
  make_nonblocking(spawned.errors);
  return spawned;
}

}  // namespace harmonia::tasks
