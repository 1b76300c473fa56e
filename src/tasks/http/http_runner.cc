#include "tasks/http/http_runner.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include "tasks/http/guarded_client.h"
#include "tasks/http/http_answer.h"
#include "tasks/http/http_call.h"
#include "tasks/http/http_schema.h"
#include "tasks/http/token_cache.h"
#include "tasks/schema_text.h"

namespace harmonia::tasks {
namespace {

// Larger answers are parsed on the pool: the client's one thread serves all requests.
constexpr std::size_t parsed_at_once_max = 32u << 10;

// Counts the requests whose answer has not been dealt with, so that their runner outlives them.
class Outstanding {
 public:
  // Counts while it lives.
  class Token {
   public:
    explicit Token(Outstanding& owner) : owner_(owner) {
      const std::lock_guard lock(owner_.mutex_);
      ++owner_.count_;
    }
    ~Token() {
      const std::lock_guard lock(owner_.mutex_);
      if (--owner_.count_ == 0) owner_.none_.notify_all();
    }
    Token(const Token&) = delete;
    Token& operator=(const Token&) = delete;

   private:
    Outstanding& owner_;
  };

  void wait_for_none() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable none_;
  std::size_t count_ = 0;
};

using Clock = std::chrono::steady_clock;

// One attempt. Shared, because callbacks are copied; the last copy ends it.
struct Pending {
  Pending(Outstanding& outstanding, const Work& work, std::uint64_t number_, Finish done)
      : token(outstanding), key(work.key), number(number_), finish(std::move(done)) {}
  Outstanding::Token token;
  engine::AttemptKey key;
  std::uint64_t number;  // tells two apart that came with the same key
  Finish finish;
  HttpCall call = {};
  Clock::time_point end = {};  // of its time
  std::string access_token = {};
  bool had_another_token = false;
};
using PendingPtr = std::shared_ptr<Pending>;

class HttpRunner final : public Runner {
 public:
  HttpRunner(const HttpOptions& options, net::HttpClient& client, WorkerPool& pool)
      : options_(options),
        pool_(pool),
        client_(options.circuit, client),
        tokens_({.allow_private_addresses = options.allow_private_addresses}, client_) {}

  ~HttpRunner() override {
    for (auto& [key, flight] : take_all()) client_.cancel(flight.ticket);
    tokens_.stop();
    outstanding_.wait_for_none();
  }

  std::string_view component() const override { return "http"; }
  std::vector<ActionInfo> actions() const override {
    return {{.name = "request",
             .description = "Sends an HTTP request and gives the answer",
             .input_schema = schema_from_text(http_input_schema),
             .output_schema = schema_from_text(http_output_schema)}};
  }

  void start(Work work, Finish finish) override {
    auto call = make_http_call(work, options_);
    if (!call.ok()) return finish(http_failure(std::move(call).error()));
    auto pending = std::make_shared<Pending>(outstanding_, work, ++last_number_, std::move(finish));
    pending->call = std::move(call).value();
    pending->end = Clock::now() + pending->call.request.timeout;
    {
      const std::lock_guard lock(mutex_);
      flights_.insert_or_assign(work.key, Flight{.number = pending->number});
    }
    if (pending->call.credentials) return ask_for_token(pending);
    net::ClientRequest request = std::move(pending->call.request);
    send(pending, std::move(request));
  }

  void cancel(const engine::AttemptKey& key) override {
    net::HttpClient::Ticket ticket = 0;
    {
      const std::lock_guard lock(mutex_);
      auto found = flights_.find(key);
      if (found == flights_.end()) return;
      ticket = found->second.ticket;
      flights_.erase(found);
    }
    client_.cancel(ticket);
  }

 private:
  struct Flight {
    std::uint64_t number = 0;            // of its Pending
    net::HttpClient::Ticket ticket = 0;  // 0 until the client has given one
  };
  using Flights = std::map<engine::AttemptKey, Flight>;

  // Of the attempt, unless it was canceled. Under the lock.
  Flights::iterator flight_of(const Pending& pending) {
    auto found = flights_.find(pending.key);
    return found != flights_.end() && found->second.number == pending.number ? found
                                                                             : flights_.end();
  }

  bool is_wanted(const Pending& pending) {
    const std::lock_guard lock(mutex_);
    return flight_of(pending) != flights_.end();
  }

  void ask_for_token(const PendingPtr& pending) {
    tokens_.get(*pending->call.credentials, [this, pending](Result<std::string> token) {
      on_token(pending, std::move(token));
    });
  }

  void on_token(const PendingPtr& pending, Result<std::string> token) {
    if (!is_wanted(*pending)) return;
    if (!token.ok()) return end(*pending, http_failure(std::move(token).error()));
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(pending->end - Clock::now());
    if (left.count() <= 0) {
      return end(*pending, http_failure(make_error(error_code::timeout,
                                                   "no time was left for " + pending->call.shown +
                                                       " when its access token came")));
    }
    pending->access_token = *token;
    pending->call.redactor.add("access_token", *token);
    // A copy, for another token may be needed.
    net::ClientRequest request = pending->call.request;
    request.headers.set("Authorization", "Bearer " + *token);
    request.timeout = left;
    send(pending, std::move(request));
  }

  void send(const PendingPtr& pending, net::ClientRequest request) {
    auto done = [this, pending](auto result) { on_done(pending, std::move(result)); };
    net::HttpClient::Ticket ticket = 0;
    if (pending->call.is_guarded) {
      auto is_failure = [pending](int status) {
        return status >= 500 && !pending->call.expects(status);
      };
      ticket = client_.send(std::move(request), std::move(is_failure), std::move(done));
    } else {
      ticket = client_.send_unguarded(std::move(request), std::move(done));
    }
    remember(*pending, ticket);
  }

  // The answer, a cancel, or the ticket of the repeat with another token may have come before the
  // ticket was known.
  void remember(const Pending& pending, net::HttpClient::Ticket ticket) {
    {
      const std::lock_guard lock(mutex_);
      if (auto found = flight_of(pending); found != flights_.end()) {
        found->second.ticket = std::max(found->second.ticket, ticket);
        return;
      }
    }
    client_.cancel(ticket);
  }

  Flights take_all() {
    const std::lock_guard lock(mutex_);
    return std::exchange(flights_, {});
  }

  // On the client's thread, or on the one that sends.
  void on_done(const PendingPtr& pending, Result<net::ClientResponse> result) {
    if (!result.ok()) return end(*pending, http_failure(std::move(result).error()));
    if (needs_another_token(*pending, *result)) {
      pending->had_another_token = true;
      tokens_.drop(*pending->call.credentials, pending->access_token);
      return ask_for_token(pending);
    }
    if (result->body.size() <= parsed_at_once_max) {
      return end(*pending, http_outcome(pending->call, std::move(result).value()));
    }
    bool posted = pool_.post([this, pending, response = std::move(result).value()]() mutable {
      end(*pending, http_outcome(pending->call, std::move(response)));
    });
    if (!posted) end(*pending, pool_is_full());
  }

  // The token may have been withdrawn before its time.
  static bool needs_another_token(const Pending& pending, const net::ClientResponse& response) {
    return response.status == 401 && pending.call.credentials && !pending.had_another_token;
  }

  void end(Pending& pending, Outcome outcome) {
    {
      const std::lock_guard lock(mutex_);
      if (auto found = flight_of(pending); found != flights_.end()) flights_.erase(found);
    }
    const Redactor& redactor = pending.call.redactor;
    if (outcome.result.ok()) {
      outcome.result = redactor.redact(std::move(outcome.result).value());
    } else {
      redactor.redact(outcome.result.error());
    }
    pending.finish(std::move(outcome));
  }

  const HttpOptions options_;
  WorkerPool& pool_;
  GuardedClient client_;
  TokenCache tokens_;
  Outstanding outstanding_;
  std::atomic<std::uint64_t> last_number_ = 0;
  std::mutex mutex_;  // guards what follows
  Flights flights_;   // attempts that have not ended
};

}  // namespace

std::unique_ptr<Runner> make_http_runner(const HttpOptions& options, net::HttpClient& client,
                                         WorkerPool& pool) {
  return std::make_unique<HttpRunner>(options, client, pool);
}

}  // namespace harmonia::tasks
