#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <variant>
#include <vector>

#include "store/sqlite/disk_fault.h"
#include "store/sqlite/reader_pool.h"
#include "store/sqlite/writing_side.h"

namespace harmonia::store::sqlite {

// One request to the writer. It lives on the caller's stack until it is answered.
struct WriteRequest {
  struct Commits {
    std::span<const EncodedCommit> commits;
    std::vector<Result<Position>> results = {};
  };
  struct Put {
    const EncodedPut* put = nullptr;
    Result<std::uint32_t> result = std::uint32_t{0};
  };
  struct Delete {
    const DeleteDefinition* del = nullptr;
    Result<void> result = {};
  };

  struct Keep {
    const KeptEvent* event = nullptr;
    std::string_view payload_text;
    Result<bool> result = false;
  };
  struct Forget {
    Timestamp now;
    Result<std::size_t> result = std::size_t{0};
  };

  using Work = std::variant<Commits, Put, Delete, Keep, Forget>;

  explicit WriteRequest(Work todo) : work(std::move(todo)) {}

  void finish();
  void wait();

  Work work;

 private:
  std::mutex mutex_;  // guards finished_
  std::condition_variable changed_;
  bool finished_ = false;
};

// The one thread that writes. All requests that have come together become one transaction and one
// fsync; nobody waits for company. The queue is bounded by the callers, who wait.
//
// When the disk fails, what was tried gets its error, and what comes is refused at once. Four times
// a second the thread tries whether the disk works again. If so, and it was not just full, all is
// opened anew (writing_side.h), the pool's connections too: readers wait for that moment.
class Writer {
 public:
  Writer(WritingSide::Options options, ReaderPool& readers);
  // Opens what is written to, and begins.
  Result<void> start();
  // Answers what is queued, then ends the thread.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Blocks until the request is durable or refused.
  void perform(WriteRequest& request);
  StoreHealth health() const { return health_.get(); }

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  bool wait_for_work(std::vector<WriteRequest*>& batch);
  void write(std::span<WriteRequest* const> batch);
  Result<void> transact(std::span<WriteRequest* const> batch);
  Result<void> apply(WriteRequest& request);
  void take_checkpoint_outcome();
  void begin_fault(FaultKind kind, const Error& error);
  void try_to_recover();
  Result<void> recover();
  Result<void> recover_space();

  WritingSide::Options options_;
  ReaderPool& readers_;
  DiskHealth health_;
  FaultKind fault_ = FaultKind::none;
  Clock::time_point next_attempt_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable wanted_;
  std::vector<WriteRequest*> queue_;
  std::optional<Checkpointer::Outcome> checkpointed_;  // the latest, not looked at yet
  bool stopping_ = false;

  // None while it can't be opened. Its checkpointer tells what came of a copy until it has ended.
  std::optional<WritingSide> side_;
  std::thread thread_;  // last: it uses all above
};

}  // namespace harmonia::store::sqlite
