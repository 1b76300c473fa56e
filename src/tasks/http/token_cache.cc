#include "tasks/http/token_cache.h"

#include <utility>

namespace harmonia::tasks {
namespace {

Error stopped() { return make_error(error_code::canceled, "the request was canceled"); }

}  // namespace

TokenCache::TokenCache(const Options& options, GuardedClient& client)
    : options_(options), client_(client) {}

void TokenCache::get(const ClientCredentials& credentials, Done done) {
  std::unique_lock lock(mutex_);
  if (stopping_) {
    lock.unlock();
    return done(stopped());
  }
  auto found = entries_.find(credentials);
  if (found == entries_.end()) {
    make_room();
    found = entries_.try_emplace(credentials).first;
  }
  Entry& entry = found->second;
  if (Clock::now() < entry.usable_until) {
    std::string token = entry.token;
    lock.unlock();
    return done(std::move(token));
  }
  entry.waiting.push_back(std::move(done));
  if (entry.waiting.size() > 1) return;
  entry.fetch = ++last_fetch_;
  entry.ticket = 0;
  std::uint64_t number = entry.fetch;
  lock.unlock();
  fetch(credentials, number);
}

void TokenCache::fetch(const ClientCredentials& credentials, std::uint64_t number) {
  net::ClientRequest request = token_request(credentials);
  request.allow_private_addresses = options_.allow_private_addresses;
  auto ticket = client_.send(
      std::move(request), [](int status) { return status >= 500; },
      [this, credentials](auto answer) { on_answer(credentials, std::move(answer)); });
  remember(credentials, number, ticket);
}

// The answer may have come before the ticket was known, and another fetch have begun.
void TokenCache::remember(const ClientCredentials& credentials, std::uint64_t number,
                          GuardedClient::Ticket ticket) {
  {
    const std::lock_guard lock(mutex_);
    auto found = entries_.find(credentials);
    if (found == entries_.end()) return;
    Entry& entry = found->second;
    if (entry.waiting.empty() || entry.fetch != number) return;
    entry.ticket = ticket;
    if (!stopping_) return;
  }
  client_.cancel(ticket);
}

void TokenCache::on_answer(const ClientCredentials& credentials,
                           Result<net::ClientResponse> answer) {
  auto token = [&]() -> Result<AccessToken> {
    if (!answer.ok()) return std::move(answer).error();
    return read_token(credentials, *answer);
  }();
  std::vector<Done> waiting;
  {
    const std::lock_guard lock(mutex_);
    auto found = entries_.find(credentials);
    Entry& entry = found->second;
    waiting.swap(entry.waiting);
    if (token.ok()) {
      entry.token = token->text;
      entry.usable_until = Clock::now() + token->lifetime;
    } else {
      entries_.erase(found);
    }
  }
  for (const Done& done : waiting) {
    if (token.ok()) {
      done(token->text);
    } else {
      done(token.error());
    }
  }
}

void TokenCache::drop(const ClientCredentials& credentials, std::string_view token) {
  const std::lock_guard lock(mutex_);
  auto found = entries_.find(credentials);
  // Another call may have come first and have a new one already.
  if (found != entries_.end() && found->second.token == token) found->second.usable_until = {};
}

void TokenCache::make_room() {
  if (entries_.size() < options_.tokens_max) return;
  auto first = entries_.end();
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (!entry->second.waiting.empty()) continue;
    if (first == entries_.end() || entry->second.usable_until < first->second.usable_until) {
      first = entry;
    }
  }
  // Those being fetched are as many as there are requests in flight.
  if (first != entries_.end()) entries_.erase(first);
}

void TokenCache::stop() {
  std::vector<GuardedClient::Ticket> tickets;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [credentials, entry] : entries_) {
      if (!entry.waiting.empty() && entry.ticket != 0) tickets.push_back(entry.ticket);
    }
  }
  for (auto ticket : tickets) client_.cancel(ticket);
}

}  // namespace harmonia::tasks
