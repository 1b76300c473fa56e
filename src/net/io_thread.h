#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "net/io.h"

namespace harmonia::net {

class Connection;

// One io_context, the thread that runs it, and the connections that live on it. All but the
// constructor, run, finish and the counters belong to that thread.
class IoThread {
 public:
  IoThread();
  ~IoThread();  // finish() must have been called when run() has

  void run();  // starts the thread
  // The io thread ends when its last connection has; waits for that.
  void finish();

  IoContext& context() { return context_; }
  const std::shared_ptr<Postbox>& postbox() const { return postbox_; }

  void add(Connection* connection);
  void remove(Connection* connection);

  // Idle connections end, streams are told to, requests in progress are the last of their
  // connection.
  void begin_stop();
  // What is left ends within moments.
  void abandon();
  bool stopping() const { return stopping_; }

  // The current time as an HTTP Date.
  std::string_view date();

  std::atomic<std::uint64_t> requests_total = 0;
  std::atomic<std::uint64_t> outlets_open = 0;
  const std::shared_ptr<std::atomic<std::size_t>> outlet_bytes =
      std::make_shared<std::atomic<std::size_t>>(0);  // shared: see outlet_queue.h

 private:
  void arm_sweep();
  void sweep();
  void end_sweep_if_idle();

  std::vector<Connection*> connections_;  // not owned: each is part of a session's coroutine
  bool stopping_ = false;
  bool sweeping_ = false;
  std::int64_t date_second_ = -1;
  std::string date_;
  IoContext context_{1};
  asio::executor_work_guard<Executor> work_;
  std::shared_ptr<Postbox> postbox_;
  Timer sweep_timer_;
  std::thread thread_;
};

}  // namespace harmonia::net
