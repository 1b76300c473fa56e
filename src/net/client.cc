#include <algorithm>
#include <atomic>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "base/assert.h"
#include "base/thread_name.h"
#include "net/http_client.h"
#include "net/transfer.h"

namespace harmonia::net {
namespace {

constexpr int poll_timeout_ms = 1000;
// Idle connections kept for reuse: fewer than are in flight would mean closing one for each answer.
constexpr std::size_t idle_connections_min = 64;
// Handles kept for their buffers.
constexpr std::size_t idle_handles_max = 256;

using TransferPtr = std::unique_ptr<Transfer>;

struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

void initialize_curl_once() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(const Options& options) : options_(options), multi_(curl_multi_init()) {
    ASSERT(multi_ != nullptr);
    const std::size_t idle_max = std::max(idle_connections_min, options.in_flight_max);
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(idle_max));
    thread_ = std::thread([this] { run(); });
  }

  ~CurlClient() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    curl_multi_wakeup(multi_.get());
    thread_.join();
  }

  Ticket send(ClientRequest request, ClientDone done) override {
    const auto checked = check_request(request);
    if (!checked) {
      done(checked.error());
      return 0;
    }
    auto transfer =
        std::make_unique<Transfer>(next_ticket_.fetch_add(1), std::move(request), std::move(done));
    const Ticket ticket = transfer->ticket();
    const auto enqueued = enqueue(transfer);
    if (!enqueued) transfer->finish(enqueued.error());
    return ticket;
  }

  void cancel(Ticket ticket) override {
    {
      const std::lock_guard lock(mutex_);
      canceled_.push_back(ticket);
    }
    curl_multi_wakeup(multi_.get());
  }

 private:
  // On failure the transfer stays with the caller.
  Result<void> enqueue(TransferPtr& transfer) {
    bool was_idle = false;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return canceled_error();
      if (waiting_count_ >= options_.queue_max) {
        return make_error(error_code::overloaded, "too many requests are waiting to be sent");
      }
      was_idle = arrived_.empty();
      arrived_.push_back(std::move(transfer));
      ++waiting_count_;
    }
    // Only the first of a burst wakes the thread: it takes them all.
    if (was_idle) curl_multi_wakeup(multi_.get());
    return {};
  }

  void run() {
    name_this_thread("http client");
    while (take_arrived()) {
      start_waiting();
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      const bool finished_some = finish_done();
      if (finished_some && !waiting_.empty()) continue;
      curl_multi_poll(multi_.get(), nullptr, 0, poll_timeout_ms, nullptr);
    }
    cancel_all();
  }

  // False when it is time to end.
  bool take_arrived() {
    std::vector<Ticket> canceled;
    {
      const std::lock_guard lock(mutex_);
      for (TransferPtr& transfer : arrived_) waiting_.push_back(std::move(transfer));
      arrived_.clear();
      canceled.swap(canceled_);
      if (stopping_) return false;
    }
    for (const Ticket ticket : canceled) cancel_now(ticket);
    return true;
  }

  void start_waiting() {
    while (!waiting_.empty() && active_.size() < options_.in_flight_max) {
      TransferPtr transfer = pop_waiting();
      auto prepared = transfer->prepare(take_handle(), options_.user_agent);
      if (!prepared) {
        transfer->finish(std::move(prepared).error());
        continue;
      }
      const CURLMcode code = curl_multi_add_handle(multi_.get(), transfer->easy());
      ASSERT(code == CURLM_OK);
      active_.emplace(transfer->ticket(), std::move(transfer));
    }
  }

  TransferPtr pop_waiting() {
    TransferPtr transfer = std::move(waiting_.front());
    waiting_.pop_front();
    count_down();
    return transfer;
  }

  void count_down() {
    const std::lock_guard lock(mutex_);
    --waiting_count_;
  }

  // True when there is room for others now.
  bool finish_done() {
    bool finished = false;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      char* owner = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
      finish_one(*reinterpret_cast<Transfer*>(owner), code);
      finished = true;
    }
    return finished;
  }

  void finish_one(Transfer& transfer, CURLcode code) {
    curl_multi_remove_handle(multi_.get(), transfer.easy());
    if (transfer.follow_redirect(code)) {
      curl_multi_add_handle(multi_.get(), transfer.easy());
      return;
    }
    const auto found = active_.find(transfer.ticket());
    ASSERT(found != active_.end());
    const TransferPtr owned = std::move(found->second);
    active_.erase(found);
    auto result = owned->result(code);
    keep_handle(owned->release_easy());
    owned->finish(std::move(result));
  }

  void cancel_now(Ticket ticket) {
    const auto active = active_.find(ticket);
    if (active != active_.end()) {
      const TransferPtr transfer = std::move(active->second);
      active_.erase(active);
      curl_multi_remove_handle(multi_.get(), transfer->easy());
      transfer->finish(canceled_error());
      return;
    }
    const auto waiting = std::find_if(
        waiting_.begin(), waiting_.end(),
        [ticket](const TransferPtr& transfer) { return transfer->ticket() == ticket; });
    if (waiting == waiting_.end()) return;
    const TransferPtr transfer = std::move(*waiting);
    waiting_.erase(waiting);
    count_down();
    transfer->finish(canceled_error());
  }

  void cancel_all() {
    for (auto& [ticket, transfer] : active_) {
      curl_multi_remove_handle(multi_.get(), transfer->easy());
      transfer->finish(canceled_error());
    }
    active_.clear();
    for (const TransferPtr& transfer : waiting_) transfer->finish(canceled_error());
    waiting_.clear();
  }

  static Error canceled_error() {
    return make_error(error_code::canceled, "the request was canceled");
  }

  EasyHandle take_handle() {
    if (idle_handles_.empty()) return EasyHandle(curl_easy_init());
    EasyHandle handle = std::move(idle_handles_.back());
    idle_handles_.pop_back();
    return handle;
  }

  void keep_handle(EasyHandle handle) {
    if (idle_handles_.size() < idle_handles_max) idle_handles_.push_back(std::move(handle));
  }

  const Options options_;
  std::atomic<Ticket> next_ticket_ = 1;

  std::mutex mutex_;  // guards the next four
  std::vector<TransferPtr> arrived_;
  std::vector<Ticket> canceled_;
  std::size_t waiting_count_ = 0;  // in arrived_ and waiting_
  bool stopping_ = false;

  // The rest belongs to the thread. Handles go before the multi handle they were used with.
  std::unique_ptr<CURLM, MultiDeleter> multi_;
  std::deque<TransferPtr> waiting_;
  std::unordered_map<Ticket, TransferPtr> active_;
  std::vector<EasyHandle> idle_handles_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<HttpClient> HttpClient::create(const Options& options) {
  initialize_curl_once();
  return std::make_unique<CurlClient>(options);
}

Result<ClientResponse> HttpClient::send_and_wait(ClientRequest request) {
  // Shared: get() may return before set_value() has.
  const auto promise = std::make_shared<std::promise<Result<ClientResponse>>>();
  auto answer = promise->get_future();
  send(std::move(request),
       [promise](Result<ClientResponse> result) { promise->set_value(std::move(result)); });
  return answer.get();
}

}  // namespace harmonia::net
