#include "net/testing/web_socket_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "net/testing/test_server.h"

namespace harmonia::net::testing {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using ErrorCode = boost::system::error_code;
using asio::ip::tcp;

class WebSocketClient::Impl {
 public:
  asio::io_context context = asio::io_context();
  websocket::stream<tcp::socket> stream = websocket::stream<tcp::socket>(context);
  std::string subprotocol = {};
  int pongs = 0;
};

WebSocketClient::WebSocketClient() : impl_(std::make_unique<Impl>()) {}
WebSocketClient::~WebSocketClient() = default;

int WebSocketClient::connect(std::uint16_t port, const Options& options) {
  tcp::socket& socket = impl_->stream.next_layer();
  ErrorCode code;
  socket.open(tcp::v4(), code);
  if (options.receive_buffer > 0) {
    socket.set_option(tcp::socket::receive_buffer_size(options.receive_buffer), code);
  }
  socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port), code);
  if (code) return 0;
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  impl_->stream.set_option(
      websocket::stream_base::decorator([&options](websocket::request_type& request) {
        if (!options.subprotocol.empty()) {
          request.set(beast::http::field::sec_websocket_protocol, options.subprotocol);
        }
      }));
  impl_->stream.control_callback([this](websocket::frame_type kind, beast::string_view) {
    if (kind == websocket::frame_type::pong) ++impl_->pongs;
  });
  websocket::response_type response;
  impl_->stream.handshake(response, "h", options.target, code);
  impl_->subprotocol = std::string(response[beast::http::field::sec_websocket_protocol]);
  return code && response.result_int() == 101 ? 0 : static_cast<int>(response.result_int());
}

std::string WebSocketClient::chosen_subprotocol() const { return impl_->subprotocol; }

bool WebSocketClient::send(const std::string& text) {
  ErrorCode code;
  impl_->stream.text(true);
  impl_->stream.write(asio::buffer(text), code);
  return !code;
}

bool WebSocketClient::send_binary(const std::string& bytes) {
  ErrorCode code;
  impl_->stream.binary(true);
  impl_->stream.write(asio::buffer(bytes), code);
  return !code;
}

bool WebSocketClient::ping(const std::string& payload) {
  ErrorCode code;
  impl_->stream.ping(websocket::ping_data(payload), code);
  return !code;
}

void WebSocketClient::close(std::uint16_t close_code, const std::string& reason) {
  ErrorCode code;
  impl_->stream.close({static_cast<websocket::close_code>(close_code), reason}, code);
}

void WebSocketClient::cut() {
  ErrorCode ignored;
  impl_->stream.next_layer().close(ignored);
}

std::optional<std::string> WebSocketClient::receive() {
  beast::flat_buffer buffer;
  ErrorCode code;
  impl_->stream.read(buffer, code);
  if (code) return std::nullopt;
  return beast::buffers_to_string(buffer.data());
}

std::uint16_t WebSocketClient::close_code() const { return impl_->stream.reason().code; }
std::string WebSocketClient::close_reason() const {
  const auto& reason = impl_->stream.reason().reason;
  return {reason.data(), reason.size()};
}
int WebSocketClient::pongs() const { return impl_->pongs; }

TEST(WebSocketClient, a_refused_handshake_gives_the_status) {
  TestServer server;
  server.start();
  WebSocketClient client;
  EXPECT_EQ(client.connect(server.port(), {}), 404);
}

}  // namespace harmonia::net::testing
