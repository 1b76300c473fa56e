#include "tasks/http/http_runner.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>

#include "tasks/http/http_answer.h"
#include "tasks/http/http_call.h"
#include "tasks/http/http_schema.h"
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

// What comes back with the answer. Shared, because callbacks are copied; the last copy ends it.
struct Pending {
  Pending(Outstanding& outstanding, engine::AttemptKey attempt, Finish done)
      : token(outstanding), key(attempt), finish(std::move(done)) {}
  Outstanding::Token token;
  engine::AttemptKey key;
  Finish finish;
  HttpCall call = {};
};
using PendingPtr = std::shared_ptr<Pending>;

class HttpRunner final : public Runner {
 public:
  HttpRunner(const HttpOptions& options, net::HttpClient& client, WorkerPool& pool)
      : options_(options), client_(client), pool_(pool) {}

  ~HttpRunner() override {
    for (auto& [key, ticket] : take_all()) {
      if (ticket) client_.cancel(*ticket);
    }
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
    auto pending = std::make_shared<Pending>(outstanding_, work.key, std::move(finish));
    net::ClientRequest request = std::move(call->request);
    pending->call = std::move(call).value();
    {
      const std::lock_guard lock(mutex_);
      tickets_.insert_or_assign(work.key, std::nullopt);
    }
    auto ticket = client_.send(
        std::move(request), [this, pending](auto result) { on_done(pending, std::move(result)); });
    pending.reset();
    remember(work.key, ticket);
  }

  void cancel(const engine::AttemptKey& key) override {
    std::optional<net::HttpClient::Ticket> ticket;
    {
      const std::lock_guard lock(mutex_);
      auto found = tickets_.find(key);
      if (found == tickets_.end()) return;
      ticket = found->second;
      tickets_.erase(found);
    }
    if (ticket) client_.cancel(*ticket);
  }

 private:
  using Tickets = std::map<engine::AttemptKey, std::optional<net::HttpClient::Ticket>>;

  // The answer, or a cancel, may have come before the ticket was known.
  void remember(const engine::AttemptKey& key, net::HttpClient::Ticket ticket) {
    {
      const std::lock_guard lock(mutex_);
      if (auto found = tickets_.find(key); found != tickets_.end()) {
        found->second = ticket;
        return;
      }
    }
    client_.cancel(ticket);
  }

  Tickets take_all() {
    const std::lock_guard lock(mutex_);
    return std::exchange(tickets_, {});
  }

  // On the client's thread.
  void on_done(const PendingPtr& pending, Result<net::ClientResponse> result) {
    {
      const std::lock_guard lock(mutex_);
      tickets_.erase(pending->key);
    }
    if (!result.ok()) return pending->finish(http_failure(std::move(result).error()));
    if (result->body.size() <= parsed_at_once_max) {
      return pending->finish(http_outcome(pending->call, std::move(result).value()));
    }
    bool posted = pool_.post([pending, response = std::move(result).value()]() mutable {
      pending->finish(http_outcome(pending->call, std::move(response)));
    });
    if (!posted) pending->finish(pool_is_full());
  }

  const HttpOptions options_;
  net::HttpClient& client_;
  WorkerPool& pool_;
  Outstanding outstanding_;
  std::mutex mutex_;  // guards what follows
  Tickets tickets_;   // of requests on their way; none until the client has given one
};

}  // namespace

std::unique_ptr<Runner> make_http_runner(const HttpOptions& options, net::HttpClient& client,
                                         WorkerPool& pool) {
  return std::make_unique<HttpRunner>(options, client, pool);
}

}  // namespace harmonia::tasks
