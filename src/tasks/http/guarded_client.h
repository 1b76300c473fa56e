#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "net/http_client.h"
#include "tasks/http/circuit_breaker.h"

namespace harmonia::tasks {

// Sends requests, except to hosts that fail again and again: those fail at once with `circuit_open`
// (retry_after: until the next trial). Thread-safe. Tells the log when a circuit opens or closes.
//
// Failures of a host are errors of connection, timeouts (also a cancel that comes when the time is
// over), and the statuses that the caller calls failures. After redirects, the host first asked
// answers for the others.
class GuardedClient {
 public:
  // The client must outlive it; it must outlive the calls of `done`.
  GuardedClient(const CircuitOptions& options, net::HttpClient& client);

  using Ticket = net::HttpClient::Ticket;
  using IsFailure = std::function<bool(int status)>;
  // As HttpClient::send. `done` is called at once on this thread when the circuit is open.
  Ticket send(net::ClientRequest request, IsFailure is_failure, net::ClientDone done);
  // The same without looking at the circuit or changing it.
  Ticket send_unguarded(net::ClientRequest request, net::ClientDone done);
  // 0 is no ticket and does nothing.
  void cancel(Ticket ticket);

 private:
  CircuitBreaker::Admission admit(const std::string& host);
  void record(const CircuitBreaker::Permit& permit, CallVerdict verdict);

  net::HttpClient& client_;
  std::mutex mutex_;  // guards the breaker
  CircuitBreaker breaker_;
};

}  // namespace harmonia::tasks
