#include "net/exchange.h"

#include <utility>

#include "net/problem.h"

namespace harmonia::net {
namespace {

// Notices that the last copy of a Respond is gone.
class Promise {
 public:
  explicit Promise(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  Promise(const Promise&) = delete;
  Promise& operator=(const Promise&) = delete;
  ~Promise() {
    if (!kept_) exchange_->answer(problem_response(dropped()));
  }

  void keep(Response response) {
    kept_ = true;
    exchange_->answer(std::move(response));
  }

 private:
  static Refusal dropped() {
    return Refusal{
        .status = 500,
        .error = make_error(error_code::internal, "the request was dropped without an answer")};
  }

  std::shared_ptr<Exchange> exchange_;
  bool kept_ = false;
};

}  // namespace

void Exchange::answer(Response response) {
  {
    const std::lock_guard lock(mutex_);
    if (answered_) return;
    answered_ = true;
    response_ = std::move(response);
    if (!awaited_) return;
  }
  postbox_->post([self = shared_from_this()] {
    if (self->on_answer_ != nullptr) self->on_answer_->set();
  });
}

Respond Exchange::make_respond() {
  return [promise = std::make_shared<Promise>(shared_from_this())](Response response) {
    promise->keep(std::move(response));
  };
}

std::optional<Response> Exchange::take() {
  const std::lock_guard lock(mutex_);
  awaited_ = true;
  return std::exchange(response_, std::nullopt);
}

void Exchange::abandon() { on_answer_ = nullptr; }

}  // namespace harmonia::net
