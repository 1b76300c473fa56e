#include "net/io_thread.h"

#include <array>
#include <ctime>
#include <exception>

#include "base/assert.h"
#include "base/log.h"
#include "base/thread_name.h"
#include "net/connection.h"

namespace harmonia::net {
namespace {

// How exact the deadlines of connections are. One sweep instead of a timer for each operation keeps
// timers off the path of a request.
constexpr std::chrono::milliseconds sweep_interval{100};

void run_context(IoContext& context) {
  name_this_thread("io");
  for (;;) {
    try {
      context.run();
      return;
    } catch (const std::exception& exception) {
      log::error("exception on an io thread", {{"what", exception.what()}});
    }
  }
}

}  // namespace

IoThread::IoThread()
    : work_(asio::make_work_guard(context_)),
      postbox_(std::make_shared<Postbox>(context_)),
      sweep_timer_(context_.get_executor()) {}

IoThread::~IoThread() {
  ASSERT(!thread_.joinable());
  postbox_->close();
}

void IoThread::run() {
  thread_ = std::thread([this] { run_context(context_); });
}

void IoThread::finish() {
  work_.reset();
  if (thread_.joinable()) thread_.join();
  postbox_->close();
}

void IoThread::add(Connection* connection) {
  connection->registry_index = connections_.size();
  connections_.push_back(connection);
  if (stopping_) connection->begin_stop();
  arm_sweep();
}

void IoThread::remove(Connection* connection) {
  Connection* last = connections_.back();
  connections_[connection->registry_index] = last;
  last->registry_index = connection->registry_index;
  connections_.pop_back();
  if (stopping_) end_sweep_if_idle();
}

void IoThread::begin_stop() {
  stopping_ = true;
  for (Connection* connection : connections_) connection->begin_stop();
  end_sweep_if_idle();
}

void IoThread::abandon() {
  stopping_ = true;
  for (Connection* connection : connections_) connection->abandon();
}

void IoThread::arm_sweep() {
  if (sweeping_ || connections_.empty()) return;
  sweeping_ = true;
  sweep_timer_.expires_after(sweep_interval);
  sweep_timer_.async_wait([this](const boost::system::error_code&) { sweep(); });
}

// A pending timer would keep the thread from ending.
void IoThread::end_sweep_if_idle() {
  if (connections_.empty()) sweep_timer_.cancel();
}

void IoThread::sweep() {
  sweeping_ = false;
  const TimePoint now = Clock::now();
  for (Connection* connection : connections_) connection->check_deadline(now);
  arm_sweep();
}

std::string_view IoThread::date() {
  const std::time_t now = std::time(nullptr);
  if (now != date_second_) {
    date_second_ = now;
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 40> text{};
    const std::size_t size =
        std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    date_.assign(text.data(), size);
  }
  return date_;
}

}  // namespace harmonia::net
