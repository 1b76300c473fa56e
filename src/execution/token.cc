#include "execution/token.h"

#include "base/hash.h"

namespace harmonia::execution {
namespace {

// As a part of a URL: brackets are escaped, slashes stay, because some proxies decode an escaped
// one.
std::string escape_path(std::string_view path) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string escaped;
  for (char c : path) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '-' || c == '.' || c == '_' || c == '/';
    if (plain) {
      escaped += c;
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    escaped += '%';
    escaped += digits[byte >> 4];
    escaped += digits[byte & 15];
  }
  return escaped;
}

}  // namespace

std::string task_token(const workflow::Definition& definition, const State& state, TaskRef task) {
  constexpr std::size_t token_size = 32;
  std::string seed =
      state.key + "/" + path_of(definition, state, task) + "/" + std::to_string(task.scope);
  if (definition.tasks[task.task].type == workflow::TaskType::approval)
    seed += "#" + std::to_string(state.task(definition, task).attempt);
  return sha256_hex(seed).substr(0, token_size);
}

std::string callback_url(const workflow::Definition& definition, const State& state, TaskRef task) {
  return state.public_url + "/api/callbacks/" + to_string(state.id) + "/" +
         task_token(definition, state, task) + "/" + escape_path(path_of(definition, state, task));
}

std::string approval_url(const workflow::Definition& definition, const State& state, TaskRef task) {
  return state.public_url + "/approvals/" + to_string(state.id) + "/" +
         task_token(definition, state, task) + "/" + escape_path(path_of(definition, state, task));
}

bool tokens_equal(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace harmonia::execution
