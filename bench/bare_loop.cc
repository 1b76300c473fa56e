// The limit that the engine is measured against, on the same disk in the same run: no engine, no
// HTTP, no expressions, only durable steps.
//
//   bare_loop FOLDER [--in-flight 1000] [--seconds 5] [--log]
//
// Two threads keep runs moving and one writer commits what has come together; each step is three
// events of 300 bytes, and the next step of a run begins only when its last one is on disk. SQLite
// in WAL with synchronous=FULL, one row per step in a rowid table with an index; with --log,
// append and fdatasync of the same bytes. Prints one line of JSON.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <sqlite3.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t events_per_step = 3;
constexpr std::size_t event_size = 300;
constexpr std::uint32_t steps_per_run = 10;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "bare_loop: %s\n", what.c_str());
  std::exit(1);
}

struct Step {
  std::uint64_t run = 0;
  std::uint32_t number = 0;
  std::string payload;
};

class Disk {
 public:
  virtual ~Disk() = default;
  virtual void commit(const std::vector<Step>& steps) = 0;
};

class SqliteDisk final : public Disk {
 public:
  explicit SqliteDisk(const std::string& folder) {
    if (sqlite3_open((folder + "/bare.db").c_str(), &database_) != SQLITE_OK) fail("open");
    execute(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-131072;"
        "PRAGMA wal_autocheckpoint=16000;"
        "CREATE TABLE history (position INTEGER PRIMARY KEY, run INTEGER NOT NULL,"
        "  seq INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;"
        "CREATE INDEX history_by_run ON history (run, seq)");
    sqlite3_prepare_v2(database_, "INSERT INTO history (run, seq, payload) VALUES (?1, ?2, ?3)", -1,
                       &insert_, nullptr);
  }
  ~SqliteDisk() override {
    sqlite3_finalize(insert_);
    sqlite3_close(database_);
  }

  void commit(const std::vector<Step>& steps) override {
    execute("BEGIN IMMEDIATE");
    for (const Step& step : steps) {
      sqlite3_bind_int64(insert_, 1, static_cast<sqlite3_int64>(step.run));
      sqlite3_bind_int64(insert_, 2, step.number);
      sqlite3_bind_blob(insert_, 3, step.payload.data(), static_cast<int>(step.payload.size()),
                        SQLITE_STATIC);
      if (sqlite3_step(insert_) != SQLITE_DONE) fail(sqlite3_errmsg(database_));
      sqlite3_reset(insert_);
    }
    execute("COMMIT");
  }

 private:
  void execute(const char* text) {
    if (sqlite3_exec(database_, text, nullptr, nullptr, nullptr) != SQLITE_OK)
      fail(sqlite3_errmsg(database_));
  }

  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

class LogDisk final : public Disk {
 public:
  explicit LogDisk(const std::string& folder)
      : file_(open((folder + "/bare.log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600)) {
    if (file_ < 0) fail("the log can't be opened");
  }
  ~LogDisk() override { close(file_); }

  void commit(const std::vector<Step>& steps) override {
    buffer_.clear();
    for (const Step& step : steps) buffer_ += step.payload;
    const char* at = buffer_.data();
    for (std::size_t left = buffer_.size(); left > 0;) {
      ssize_t written = write(file_, at, left);
      if (written <= 0) fail("the log can't be written");
      at += written;
      left -= static_cast<std::size_t>(written);
    }
    if (fdatasync(file_) != 0) fail("fdatasync failed");
  }

 private:
  int file_;
  std::string buffer_;
};

// What is handed over between threads.
template <class Item>
class Queue {
 public:
  void put(std::vector<Item> items) {
    std::lock_guard lock(mutex_);
    for (Item& item : items) items_.push_back(std::move(item));
    filled_.notify_one();
  }
  // Everything there is; waits for the first. Nothing: it is over.
  std::vector<Item> take() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return closed_ || !items_.empty(); });
    return std::exchange(items_, {});
  }
  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    filled_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::vector<Item> items_;
  bool closed_ = false;
};

struct Loop {
  Queue<Step> to_disk;
  Queue<Step> durable[2];
  std::atomic<std::uint64_t> steps = 0;
  std::atomic<std::uint64_t> runs = 0;
  std::atomic<bool> is_over = false;
};

// A payload like a commit of a real engine: text that is built for each step.
Step make_step(std::uint64_t run, std::uint32_t number) {
  Step step{.run = run, .number = number, .payload = {}};
  step.payload.reserve(events_per_step * event_size);
  for (std::size_t i = 0; i < events_per_step; ++i) {
    std::string event = "{\"run\":" + std::to_string(run) + ",\"seq\":" + std::to_string(number) +
                        ",\"kind\":\"completed\",\"output\":\"";
    event.resize(event_size - 2, 'x');
    step.payload += event + "\"}";
  }
  return step;
}

void move_runs(Loop& loop, unsigned half, unsigned in_flight) {
  std::vector<Step> next;
  for (unsigned i = 0; i < in_flight; ++i) next.push_back(make_step(++loop.runs, 0));
  loop.to_disk.put(std::move(next));
  while (!loop.is_over) {
    auto done = loop.durable[half].take();
    next.clear();
    for (const Step& step : done) {
      bool ended = step.number + 1 == steps_per_run;
      next.push_back(ended ? make_step(++loop.runs, 0) : make_step(step.run, step.number + 1));
    }
    loop.to_disk.put(std::move(next));
  }
}

void write_all(Loop& loop, Disk& disk) {
  unsigned turn = 0;
  while (!loop.is_over) {
    auto steps = loop.to_disk.take();
    if (steps.empty()) continue;
    disk.commit(steps);
    loop.steps += steps.size();
    // Each run may go on with either thread.
    auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
    std::vector<Step> rest(std::make_move_iterator(middle), std::make_move_iterator(steps.end()));
    steps.erase(middle, steps.end());
    if (!steps.empty()) loop.durable[turn % 2].put(std::move(steps));
    if (!rest.empty()) loop.durable[(turn + 1) % 2].put(std::move(rest));
    ++turn;
  }
}

unsigned number_after(char** begin, char** end, const char* name, unsigned fallback) {
  auto found = std::find_if(begin, end, [name](char* text) { return !std::strcmp(text, name); });
  if (found == end || found + 1 == end) return fallback;
  return static_cast<unsigned>(std::strtoul(found[1], nullptr, 10));
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2 || arguments[1][0] == '-')
    fail("usage: bare_loop FOLDER [--in-flight N] [--seconds N] [--log]");
  char** end = arguments + count;
  unsigned in_flight = std::max(number_after(arguments, end, "--in-flight", 1000), 1u);
  unsigned seconds = number_after(arguments, end, "--seconds", 5);
  bool as_log = std::any_of(arguments, end, [](char* text) { return !std::strcmp(text, "--log"); });
  std::unique_ptr<Disk> disk;
  if (as_log) {
    disk = std::make_unique<LogDisk>(arguments[1]);
  } else {
    disk = std::make_unique<SqliteDisk>(arguments[1]);
  }
  Loop loop;
  std::vector<std::thread> threads;
  unsigned half = in_flight / 2;
  threads.emplace_back([&] { write_all(loop, *disk); });
  threads.emplace_back([&] { move_runs(loop, 0, in_flight - half); });
  threads.emplace_back([&] { move_runs(loop, 1, half); });
  auto began = Clock::now();
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  double took = std::chrono::duration<double>(Clock::now() - began).count();
  std::uint64_t steps = loop.steps;
  loop.is_over = true;
  loop.to_disk.close();
  for (auto& queue : loop.durable) queue.close();
  for (std::thread& thread : threads) thread.join();
  std::printf(
      "{\"disk\":\"%s\",\"in_flight\":%u,\"seconds\":%.3f,\"steps\":%llu,"
      "\"steps_per_second\":%.0f}\n",
      as_log ? "log" : "sqlite", in_flight, took, static_cast<unsigned long long>(steps),
      static_cast<double>(steps) / took);
}
