#include "api/idempotency.h"

#include "base/hash.h"

namespace harmonia::api {
namespace {

constexpr std::size_t key_size_max = 255;

bool is_printable(std::string_view text) {
  for (char c : text) {
    if (c < 0x21 || c > 0x7e) return false;
  }
  return true;
}

// The path without the version, so that both spellings of one resource are one request.
std::string plain_path(std::string_view target) {
  std::string path(path_of_target(target));
  if (path.starts_with("/api/v1/")) path.erase(4, 3);
  return path;
}

}  // namespace

Result<CommandKey> read_command_key(const Call& call, std::string_view scope,
                                    const std::function<std::string()>& body) {
  if (!call.request.headers.has("Idempotency-Key")) return CommandKey();
  std::string_view key = call.request.headers.get("Idempotency-Key");
  // The draft standard writes the key as a quoted string; most clients do not.
  if (key.size() >= 2 && key.front() == '"' && key.back() == '"') {
    key = key.substr(1, key.size() - 2);
  }
  if (key.empty() || key.size() > key_size_max || !is_printable(key)) {
    return make_error(error_code::invalid_argument,
                      "Idempotency-Key must be 1 to 255 printable ASCII characters without "
                      "spaces, for instance a UUID");
  }
  std::string text = call.request.method + " " + plain_path(call.request.target) + "\n";
  return CommandKey{.command_id = std::string(scope) + ":" + std::string(key),
                    .fingerprint = sha256_hex(text.append(body()))};
}

Error idempotency_mismatch() {
  return make_error(error_code::idempotency_mismatch,
                    "this Idempotency-Key was used with another request before; use a new key");
}

void mark_replayed(net::Response& response) {
  response.headers.set("Idempotency-Replayed", "true");
}

}  // namespace harmonia::api
