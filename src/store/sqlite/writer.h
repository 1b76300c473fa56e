#pragma once

#include <condition_variable>
#include <mutex>
#include <span>
#include <thread>
#include <variant>
#include <vector>

#include "store/sqlite/checkpointer.h"
#include "store/sqlite/tables.h"

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
class Writer {
 public:
  Writer(Connection connection, Tables tables, Checkpointer& checkpointer);
  // Answers what is queued, then ends the thread.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Blocks until the request is durable or refused.
  void perform(WriteRequest& request);

 private:
  void run();
  void write(std::span<WriteRequest* const> batch);
  Result<void> transact(std::span<WriteRequest* const> batch);
  Result<void> apply(WriteRequest& request);

  Connection connection_;
  Tables tables_;
  Checkpointer& checkpointer_;

  std::mutex mutex_;  // guards queue_ and stopping_
  std::condition_variable wanted_;
  std::vector<WriteRequest*> queue_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all above
};

}  // namespace harmonia::store::sqlite
