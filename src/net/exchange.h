#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "net/http.h"
#include "net/io.h"

namespace harmonia::net {

// One request's answer on its way from whichever thread gives it to the session that waits. Shared
// by the session and by the handler's `Respond`, of which either may be gone first.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  // `on_answer` is the session's and is set on its io thread.
  Exchange(std::shared_ptr<Postbox> postbox, Signal& on_answer)
      : postbox_(std::move(postbox)), on_answer_(&on_answer) {}

  // Any thread. The first answer counts.
  void answer(Response response);
  // Answers 500 when all its copies are gone without an answer.
  Respond make_respond();

  // For the session. Without an answer yet: its arrival will set the signal.
  std::optional<Response> take();
  // No answer is awaited any more.
  void abandon();

 private:
  std::mutex mutex_;  // guards the next three
  bool answered_ = false;
  bool awaited_ = false;
  std::optional<Response> response_;

  std::shared_ptr<Postbox> postbox_;
  Signal* on_answer_;  // io thread only; null when abandoned
};

}  // namespace harmonia::net
