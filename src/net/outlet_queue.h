#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "net/http.h"
#include "net/io.h"

namespace harmonia::net {

// Bytes that wait for all streaming clients of an io thread. Shared by the thread and its clients'
// queues, of which either may be gone first.
using OutletBytes = std::shared_ptr<std::atomic<std::size_t>>;

// What waits for one streaming client: producers on any thread, the connection's writer on its io
// thread. Shared, because the handler may keep it longer than the connection lives.
class OutletQueue final : public Outlet, public std::enable_shared_from_this<OutletQueue> {
 public:
  struct Limits {
    std::size_t messages_max;
    std::size_t bytes_max;
    std::size_t total_bytes_max;  // of all queues with the same OutletBytes
  };
  struct Closing {
    std::uint16_t code = 1000;
    std::string reason = {};
    bool overflowed = false;  // the reason is for the connection to ask
  };

  // `on_work` is called on the io thread when something new is there, until detach().
  OutletQueue(std::shared_ptr<Postbox> postbox, OutletBytes total_bytes, const Limits& limits,
              std::function<void()> on_work);
  ~OutletQueue() override;

  bool send(std::string message) override;
  void close(std::uint16_t code, std::string reason) override;
  bool is_open() const override;

  // The rest is for the connection, on its io thread.
  std::optional<std::string> take();  // the next message
  std::optional<Closing> closing();   // set once close() was called or the queue overflowed
  void detach();                      // the connection is over: drops what waits

 private:
  void wake_with_lock();
  bool is_full_with_lock(std::size_t size) const;
  void drop_waiting_with_lock();

  mutable std::mutex mutex_;  // guards the next five
  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool is_open_ = true;
  bool wake_pending_ = false;
  std::optional<Closing> closing_;

  const std::shared_ptr<Postbox> postbox_;
  const OutletBytes total_bytes_;
  const Limits limits_;
  std::function<void()> on_work_;  // io thread only
};

}  // namespace harmonia::net
