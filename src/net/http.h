#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// HTTP messages and the handler interfaces of the server. Plain values: no Asio or Beast here, so
// that api/ compiles without them.
namespace harmonia::net {

// In order of arrival; names compare without case.
class Headers {
 public:
  void set(std::string_view name, std::string value);  // replaces
  void add(std::string_view name, std::string value);
  void remove(std::string_view name);  // all of that name
  // The first value, or "" when absent.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Names and values in order, percent-decoded.
using Query = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string
      method;  // as sent, usually upper case; HEAD arrives as GET and its answer's body is left out
  std::string target;  // as sent: path and query
  std::string path;    // percent-decoded, without the query; always starts with "/"
  Query query;
  Headers headers;
  std::string body;
  std::string remote_address;
  bool secure = false;

  // The first value of a query parameter.
  std::optional<std::string_view> query_value(std::string_view name) const;
};

struct Response {
  int status = 200;
  Headers headers = {};
  std::string body = {};
};

// Sends the response; may be called from any thread, exactly once. Dropping it uncalled answers
// 500.
using Respond = std::function<void(Response)>;

// The server's end of a WebSocket or of an event stream. Thread-safe, and may outlive the server.
// Messages leave in order; when the client reads too slowly and more than the queue's bound is
// waiting, the connection is closed with the reason given by `on_overflow` (WebSocket: code 1013;
// event stream: a last comment line) and later sends do nothing.
class Outlet {
 public:
  virtual ~Outlet() = default;
  // False when the connection is closed or its queue is full (then it is being closed).
  virtual bool send(std::string message) = 0;
  // After what is waiting: WebSocket: close frame with the code and reason. Event stream: ends the
  // body.
  virtual void close(std::uint16_t code, std::string reason) = 0;
  virtual bool is_open() const = 0;
};

// What a handler wants of a long-lived connection. All callbacks come from the connection's io
// thread.
struct OutletEvents {
  std::function<void(std::shared_ptr<Outlet>)> on_open = {};
  std::function<void(std::string_view text)> on_message = {};  // WebSocket only
  std::function<void()> on_close = {};                         // exactly once after on_open
  // The close reason a client gets that is too slow, e.g. where to resume. May be empty.
  std::function<std::string()> on_overflow = {};
  // Everything sent so far has been handed to the network: the time to send more of what is long.
  std::function<void()> on_drained = {};
};

// Decides on an upgrade or on a stream: either refuses with an ordinary response, or accepts with
// callbacks.
struct StreamDecision {
  std::optional<Response> refusal = {};
  OutletEvents events = {};
  std::string subprotocol = {};  // the Sec-WebSocket-Protocol chosen; empty: none. WebSocket only
  Headers headers = {};          // added to the answer that accepts
};

// What the server calls. One object, from several io threads at once.
class Handler {
 public:
  virtual ~Handler() = default;
  // Ordinary requests. Must not block; long work answers later through `respond`.
  virtual void handle(Request request, Respond respond) = 0;
  // A WebSocket upgrade request.
  virtual StreamDecision upgrade(const Request& request) = 0;
  // Asked for every GET whose Accept header names text/event-stream: nothing means "not a stream,
  // call handle". Each Outlet::send is written as is, so the handler formats `id:`, `event:` and
  // `data:` lines.
  virtual std::optional<StreamDecision> event_stream(const Request& request) = 0;
};

// Percent-decoding of one component; nothing when an escape is malformed.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
// All but RFC 3986's unreserved characters are escaped.
std::string percent_encode(std::string_view text);
// `a=1&b=x+y`, without the question mark; "+" is a space. Nothing when an escape is malformed.
std::optional<Query> parse_query(std::string_view text);

// ASCII only, as header names and tokens are.
bool equal_without_case(std::string_view a, std::string_view b);
// Whether a comma-separated header value names `token`; parameters after ";" don't count.
bool list_has_token(std::string_view list, std::string_view token);

}  // namespace harmonia::net
