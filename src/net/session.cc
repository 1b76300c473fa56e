#include "net/session.h"

#include <exception>
#include <string>
#include <utility>

#include "base/log.h"
#include "net/exchange.h"
#include "net/response_head.h"
#include "net/streams.h"

namespace harmonia::net {
namespace {

constexpr std::size_t header_read_size = 4u << 10;
constexpr std::size_t body_read_size = 64u << 10;
// What an idle connection may keep.
constexpr std::size_t idle_buffer_max = 16u << 10;
// Small bodies are copied behind the head: one buffer is cheaper to send than two.
constexpr std::size_t copied_body_max = 4u << 10;
constexpr std::chrono::seconds over_limit_timeout{2};

void log_handler_exception(const std::exception& exception) {
  log::error("a request handler threw", {{"what", exception.what()}});
}

Refusal refuse_with(int status, std::string_view code, std::string detail) {
  return Refusal{.status = status, .error = make_error(code, std::move(detail))};
}

Refusal undecided() {
  return refuse_with(500, error_code::internal, "the request could not be handled");
}

std::string in_seconds(std::chrono::seconds duration) {
  return std::to_string(duration.count()) + " s";
}

}  // namespace

Session::Session(ServerContext& server, IoThread& io, Socket socket, bool over_limit)
    : server_(server),
      connection_(io, std::move(socket)),
      over_limit_(over_limit),
      parser_(RequestParser::Limits{.header_size_max = server.options.header_size_max,
                                    .body_size_max = server.options.body_size_max}) {}

Session::~Session() { server_.connections.remove(); }

Awaitable<void> run_session(std::unique_ptr<Session> session) { co_await session->run(); }

Awaitable<void> Session::run() {
  Next next = Next::request;
  while (next == Next::request) {
    const Intake intake = co_await read_request();
    switch (intake) {
      case Intake::closed: co_return;
      case Intake::request: next = co_await serve(); break;
      case Intake::refused: next = co_await refuse(std::move(refusal_)); break;
    }
  }
  if (next == Next::close) co_await connection_.close_gently();
}

Awaitable<Session::Intake> Session::read_request() {
  const ServerOptions& options = server_.options;
  parser_.reset();
  std::size_t read_size = header_read_size;
  if (input_.empty()) {
    if (connection_.io().stopping()) co_return Intake::closed;
    input_.shrink(idle_buffer_max);
    connection_.set_stage(Connection::Stage::idle);
    connection_.set_deadline_in(over_limit_ ? over_limit_timeout : options.idle_timeout);
    const bool arrived = co_await fill(read_size);
    if (!arrived) co_return Intake::closed;
  }
  connection_.set_stage(Connection::Stage::busy);
  const TimePoint deadline =
      Clock::now() + (over_limit_ ? over_limit_timeout : options.read_timeout);
  connection_.set_deadline(deadline);
  for (;;) {
    const RequestParser::Progress progress = parser_.parse(input_.view());
    input_.consume(progress.consumed);
    switch (progress.step) {
      case RequestParser::Step::complete: co_return Intake::request;
      case RequestParser::Step::refused: refusal_ = parser_.refusal(); co_return Intake::refused;
      case RequestParser::Step::header_done: {
        read_size = body_read_size;
        const bool invited = co_await invite_body(deadline);
        if (!invited) co_return Intake::closed;
        continue;
      }
      case RequestParser::Step::need_more: break;
    }
    // Only a header, a chunk's first line or trailers may have to be seen whole.
    if (input_.size() > options.header_size_max) {
      refusal_ = refuse_with(431, error_code::payload_too_large,
                             "a chunk's header or the trailers are too large");
      co_return Intake::refused;
    }
    const bool arrived = co_await fill(read_size);
    if (!arrived) co_return interrupted();
  }
}

Awaitable<bool> Session::fill(std::size_t size) {
  const std::size_t count = co_await connection_.read_some(input_.prepare(size));
  input_.commit(count);
  co_return count > 0;
}

// Sends `100 Continue` to a client that waits for it.
Awaitable<bool> Session::invite_body(TimePoint deadline) {
  if (!parser_.expects_continue() || !input_.empty() || over_limit_) co_return true;
  const bool written =
      co_await connection_.write("HTTP/1.1 100 Continue\r\n\r\n", server_.options.read_timeout);
  connection_.set_deadline(deadline);
  co_return written;
}

// The client has gone silent, or half-closed, in the middle of a request.
Session::Intake Session::interrupted() {
  if (connection_.abandoned()) return Intake::closed;
  if (connection_.expired()) {
    connection_.revive();
    refusal_ = refuse_with(
        408, error_code::timeout,
        "the request did not arrive within " + in_seconds(server_.options.read_timeout));
  } else {
    refusal_ =
        refuse_with(400, error_code::invalid_argument, "the request ended before it was complete");
  }
  return Intake::refused;
}

Awaitable<Session::Next> Session::serve() {
  is_head_ = parser_.is_head();
  is_http_1_1_ = parser_.is_http_1_1();
  keep_alive_ = parser_.keep_alive();
  const bool wants_web_socket = parser_.wants_web_socket();
  Request request = std::move(parser_.request());
  request.remote_address = connection_.remote_address();
  connection_.io().requests_total.fetch_add(1, std::memory_order_relaxed);
  if (over_limit_) {
    Refusal refusal =
        refuse_with(503, error_code::unavailable, "the server has too many connections");
    co_return co_await refuse(std::move(refusal));
  }
  if (wants_web_socket) co_return co_await upgrade(std::move(request));
  if (request.method == "GET" && !is_head_ &&
      list_has_token(request.headers.get("Accept"), "text/event-stream")) {
    auto decision = decide_stream(request);
    if (decision) co_return co_await stream(std::move(*decision));
  }
  co_return co_await answer(std::move(request));
}

Awaitable<Session::Next> Session::answer(Request request) {
  const auto exchange = std::make_shared<Exchange>(connection_.io().postbox(), connection_.signal);
  try {
    server_.handler.handle(std::move(request), exchange->make_respond());
  } catch (const std::exception& exception) {
    log_handler_exception(exception);  // the dropped Respond has answered
  }
  auto response = exchange->take();
  if (!response) {
    connection_.set_deadline(never);
    co_await connection_.signal.wait(Clock::now() + server_.options.response_timeout);
    response = exchange->take();
  }
  exchange->abandon();
  if (response) co_return co_await respond(std::move(*response));
  Refusal refusal =
      connection_.abandoned()
          ? refuse_with(503, error_code::unavailable,
                        "the server stops before the request was answered")
          : refuse_with(504, error_code::timeout,
                        "no answer within " + in_seconds(server_.options.response_timeout));
  co_return co_await refuse(std::move(refusal));
}

StreamDecision Session::decide_upgrade(const Request& request) {
  try {
    return server_.handler.upgrade(request);
  } catch (const std::exception& exception) {
    log_handler_exception(exception);
    return StreamDecision{.refusal = problem_response(undecided())};
  }
}

std::optional<StreamDecision> Session::decide_stream(const Request& request) {
  try {
    return server_.handler.event_stream(request);
  } catch (const std::exception& exception) {
    log_handler_exception(exception);
    return StreamDecision{.refusal = problem_response(undecided())};
  }
}

Awaitable<Session::Next> Session::upgrade(Request request) {
  StreamDecision decision = decide_upgrade(request);
  if (decision.refusal) co_return co_await respond(std::move(*decision.refusal));
  if (!input_.empty()) {
    // RFC 6455, section 4.1: the client must wait for the answer to its handshake.
    Refusal refusal =
        refuse_with(400, error_code::invalid_argument, "data before the handshake's end");
    co_return co_await refuse(std::move(refusal));
  }
  connection_.set_stage(Connection::Stage::streaming);
  co_await serve_web_socket(&connection_, &server_.options, std::move(request),
                            std::move(decision));
  co_return Next::drop;
}

Awaitable<Session::Next> Session::stream(StreamDecision decision) {
  if (decision.refusal) co_return co_await respond(std::move(*decision.refusal));
  connection_.set_stage(Connection::Stage::streaming);
  co_await serve_event_stream(&connection_, &server_.options, is_http_1_1_, std::move(decision));
  co_return Next::close;
}

Awaitable<Session::Next> Session::respond(Response response) {
  if (connection_.io().stopping() || list_has_token(response.headers.get("Connection"), "close")) {
    keep_alive_ = false;
  }
  const HeadFraming framing{
      .date = connection_.io().date(), .is_http_1_1 = is_http_1_1_, .keep_alive = keep_alive_};
  std::string head = format_head(response, framing);
  std::string_view body = response.body;
  if (is_head_ || !may_have_body(response.status)) body = {};
  if (body.size() <= copied_body_max) head += std::exchange(body, std::string_view());
  const bool written = co_await connection_.write(head, body, server_.options.read_timeout);
  if (!written) co_return Next::drop;
  co_return keep_alive_ ? Next::request : Next::close;
}

// Ends the connection too: what follows a refused request can't be trusted to be a request.
Awaitable<Session::Next> Session::refuse(Refusal refusal) {
  keep_alive_ = false;
  Response response = problem_response(refusal);
  if (refusal.status == 503) response.headers.set("Retry-After", "1");
  co_return co_await respond(std::move(response));
}

}  // namespace harmonia::net
