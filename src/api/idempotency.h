#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "api/route.h"

namespace harmonia::api {

// The Idempotency-Key of a request, as the store knows it. Both empty without the header.
struct CommandKey {
  std::string command_id;   // scope and key
  std::string fingerprint;  // of method, path and canonical body

  bool empty() const { return command_id.empty(); }
};

// `scope` keeps keys of different operations apart. `body` gives the canonical text of what was
// asked, without what does not change the effect; it is called only when there is a key. The error
// names what a key may be.
Result<CommandKey> read_command_key(const Call& call, std::string_view scope,
                                    const std::function<std::string()>& body);

Error idempotency_mismatch();

// Marks an answer as one given before.
void mark_replayed(net::Response& response);

}  // namespace harmonia::api
