#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/http/client_credentials.h"
#include "tasks/http/guarded_client.h"

namespace harmonia::tasks {

// Access tokens, fetched when they are needed and kept until shortly before they expire. Whoever
// asks while one is being fetched waits for the same. In memory only. Thread-safe.
class TokenCache {
 public:
  struct Options {
    bool allow_private_addresses = false;
    std::size_t tokens_max = 1000;  // beyond: the one that expires first is forgotten
  };
  // The client must outlive it; it must outlive the calls of `done`.
  TokenCache(const Options& options, GuardedClient& client);

  // `done` is called once: at once on this thread, or on the client's. Errors are those of
  // read_token and of the client.
  using Done = std::function<void(Result<std::string>)>;
  void get(const ClientCredentials& credentials, Done done);
  // This token was not accepted: the next `get` fetches another.
  void drop(const ClientCredentials& credentials, std::string_view token);
  // Ends what is being fetched; `get` gives `canceled` from now on.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;

  struct Entry {
    std::string token;
    Clock::time_point usable_until = {};
    std::vector<Done> waiting;  // for the fetch that goes on; empty: none does
    std::uint64_t fetch = 0;    // its number
    GuardedClient::Ticket ticket = 0;
  };
  using Entries = std::map<ClientCredentials, Entry>;

  void fetch(const ClientCredentials& credentials, std::uint64_t number);
  void remember(const ClientCredentials& credentials, std::uint64_t number,
                GuardedClient::Ticket ticket);
  void on_answer(const ClientCredentials& credentials, Result<net::ClientResponse> answer);
  void make_room();

  const Options options_;
  GuardedClient& client_;
  std::mutex mutex_;  // guards what follows
  Entries entries_;
  std::uint64_t last_fetch_ = 0;
  bool stopping_ = false;
};

}  // namespace harmonia::tasks
