#include "execution/token.h"

#include "base/hash.h"

namespace harmonia::execution {

std::string task_token(const workflow::Definition& definition, const State& state, TaskRef task) {
  constexpr std::size_t token_size = 32;
  return sha256_hex(state.key + "/" + path_of(definition, state, task)).substr(0, token_size);
}

std::string callback_url(const workflow::Definition& definition, const State& state, TaskRef task) {
  return state.public_url + "/api/callbacks/" + to_string(state.id) + "/" +
         task_token(definition, state, task) + "/" + path_of(definition, state, task);
}

bool tokens_equal(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace harmonia::execution
