#pragma once

#include <string>

#include "execution/state.h"

// Who may answer for a task without an account: whoever has its token. Tokens are hashes of the
// run's random key, so nothing is kept to check them.
namespace harmonia::execution {

// 32 hex digits, for one task of one scope: another one of the same path, such as a compensation
// that begins anew, has another. So has each attempt of an approval. The attempts of a webhook
// share theirs, because its input, in which it stands, is evaluated once.
std::string task_token(const workflow::Definition& definition, const State& state, TaskRef task);

// Where the other side of a webhook calls back: below the public address of the server when the run
// started.
std::string callback_url(const workflow::Definition& definition, const State& state, TaskRef task);

// The page on which whoever has the link decides an approval, likewise.
std::string approval_url(const workflow::Definition& definition, const State& state, TaskRef task);

// Compares without telling by its time where they differ.
bool tokens_equal(std::string_view a, std::string_view b);

}  // namespace harmonia::execution
