#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "api/context.h"
#include "api/live_hub.h"

namespace harmonia::api {

// Brings the events of one execution to one client: first those on disk, then those that come, each
// once and in order. It watches first and reads then; until it has caught up, what is announced is
// left to the next read, so nothing is buffered and a long history leaves in portions that wait for
// the client to take them. Thread-safe.
class ExecutionFeed : public std::enable_shared_from_this<ExecutionFeed> {
 public:
  enum class Framing { web_socket, event_stream };
  struct Request {
    ExecutionId execution;
    std::optional<std::uint64_t> after = {};  // none: only what comes from now on
    Framing framing = Framing::web_socket;
    std::string client_id = {};
  };

  ExecutionFeed(Context& context, Request request)
      : context_(context), request_(std::move(request)) {}

  // Callbacks of the connection, which keep this object alive.
  net::OutletEvents events(const std::shared_ptr<ExecutionFeed>& self);

 private:
  void open(std::shared_ptr<net::Outlet> outlet);
  void close();
  void on_message(std::string_view text);
  void on_events(const LiveEvents& events);

  Result<void> join();
  void greet(const engine::Run& run);
  void pump();
  bool send_portion(const std::vector<LiveEvent>& portion, bool is_full);
  void send_with_lock(const LiveEvent& event);
  Result<std::vector<LiveEvent>> read_portion(std::uint64_t after);
  void fail(const Error& error);

  Context& context_;
  const Request request_;

  std::mutex mutex_;  // guards what follows
  std::shared_ptr<net::Outlet> outlet_;
  LiveHub::WatchHandle watch_;
  std::uint64_t sent_ = 0;   // last seq handed to the outlet
  std::uint64_t known_ = 0;  // last seq heard of
  bool is_live_ = false;     // caught up: announcements are sent as they come
  bool is_pumping_ = false;  // some thread reads from the store
};

}  // namespace harmonia::api
