#include "tasks/http/guarded_client.h"

#include <cctype>
#include <utility>

#include "base/log.h"
#include "net/url.h"

namespace harmonia::tasks {
namespace {

using Clock = std::chrono::steady_clock;

// The engine's timer and the request's own end at the same time; whichever is first, it was late.
constexpr auto timers_apart_max = std::chrono::milliseconds(20);

std::string host_of(const net::UrlParts& url) {
  std::string host = url.endpoint();
  for (char& c : host) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return host;
}

CallVerdict verdict_on(const Error& error, bool is_late) {
  if (error.code == error_code::connection || error.code == error_code::timeout) {
    return CallVerdict::failure;
  }
  if (error.code == error_code::canceled && is_late) return CallVerdict::failure;
  if (error.code == error_code::payload_too_large) return CallVerdict::success;
  return CallVerdict::unknown;
}

Error open_error(const net::UrlParts& url, Duration wait) {
  Error error = make_error(error_code::circuit_open,
                           "calls to " + url.endpoint() +
                               " are stopped because too many failed; the next trial is in " +
                               to_human(wait));
  error.retry_after = wait;
  return error;
}

}  // namespace

GuardedClient::GuardedClient(const CircuitOptions& options, net::HttpClient& client)
    : client_(client), breaker_(options) {}

GuardedClient::Ticket GuardedClient::send_unguarded(net::ClientRequest request,
                                                    net::ClientDone done) {
  return client_.send(std::move(request), std::move(done));
}

GuardedClient::Ticket GuardedClient::send(net::ClientRequest request, IsFailure is_failure,
                                          net::ClientDone done) {
  auto url = net::parse_url(request.url);
  if (!url.ok()) {
    done(std::move(url).error());
    return 0;
  }
  auto admission = admit(host_of(*url));
  if (!admission.permit) {
    done(open_error(*url, admission.retry_after));
    return 0;
  }
  auto late_from = Clock::now() + request.timeout - timers_apart_max;
  return client_.send(
      std::move(request),
      [this, permit = *std::move(admission.permit), late_from, is_failure = std::move(is_failure),
       done = std::move(done)](Result<net::ClientResponse> result) {
        CallVerdict verdict = CallVerdict::success;
        if (!result.ok()) {
          verdict = verdict_on(result.error(), Clock::now() >= late_from);
        } else if (is_failure(result->status)) {
          verdict = CallVerdict::failure;
        }
        record(permit, verdict);
        done(std::move(result));
      });
}

void GuardedClient::cancel(Ticket ticket) {
  if (ticket != 0) client_.cancel(ticket);
}

CircuitBreaker::Admission GuardedClient::admit(const std::string& host) {
  // Under the lock, so that the breaker's time does not run backwards.
  const std::lock_guard lock(mutex_);
  return breaker_.admit(host, Clock::now());
}

void GuardedClient::record(const CircuitBreaker::Permit& permit, CallVerdict verdict) {
  CircuitBreaker::Change change = CircuitBreaker::Change::none;
  {
    const std::lock_guard lock(mutex_);
    change = breaker_.record(permit, verdict, Clock::now());
  }
  switch (change) {
    case CircuitBreaker::Change::none: break;
    case CircuitBreaker::Change::opened:
      log::warning("calls to a failing host are stopped", {{"host", permit.host}});
      break;
    case CircuitBreaker::Change::closed:
      log::info("calls to a host go on", {{"host", permit.host}});
      break;
  }
}

}  // namespace harmonia::tasks
