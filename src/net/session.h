#pragma once

#include <memory>
#include <optional>

#include "net/connection.h"
#include "net/http.h"
#include "net/input_buffer.h"
#include "net/request_parser.h"
#include "net/server_context.h"

namespace harmonia::net {

// One connection's requests, one after the other, until it closes or becomes a WebSocket or an
// event stream.
class Session {
 public:
  // `over_limit`: there are too many connections; the answer is 503 whatever is asked.
  Session(ServerContext& server, IoThread& io, Socket socket, bool over_limit);
  ~Session();

  Awaitable<void> run();

 private:
  enum class Intake { request, refused, closed };
  enum class Next { request, close, drop };

  Awaitable<Intake> read_request();
  Awaitable<bool> fill(std::size_t size);
  Awaitable<bool> invite_body(TimePoint deadline);
  Intake interrupted();

  Awaitable<Next> serve();
  Awaitable<Next> answer(Request request);
  StreamDecision decide_upgrade(const Request& request);
  std::optional<StreamDecision> decide_stream(const Request& request);
  Awaitable<Next> upgrade(Request request);
  Awaitable<Next> stream(StreamDecision decision);
  Awaitable<Next> respond(Response response);
  Awaitable<Next> refuse(Refusal refusal);

  ServerContext& server_;
  Connection connection_;
  const bool over_limit_;
  InputBuffer input_;
  RequestParser parser_;
  Refusal refusal_;       // when the intake was refused
  bool is_head_ = false;  // these three are of the request being served
  bool is_http_1_1_ = true;
  bool keep_alive_ = true;
};

// Owns the session; spawned on the session's io thread, which ends only after it.
Awaitable<void> run_session(std::unique_ptr<Session> session);

}  // namespace harmonia::net
