#pragma once

// For the tests of net/ only: a blocking WebSocket client.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "net/http.h"

namespace harmonia::net::testing {

class WebSocketClient {
 public:
  struct Options {
    std::string target = "/ws";
    std::string subprotocol = {};
    int receive_buffer = 0;  // bytes of the kernel's; 0: its default
  };

  WebSocketClient();
  ~WebSocketClient();

  // The HTTP status of the handshake's answer: 101 when open, 0 without an answer.
  int connect(std::uint16_t port, const Options& options);
  std::string chosen_subprotocol() const;

  bool send(const std::string& text);
  bool send_binary(const std::string& bytes);
  bool ping(const std::string& payload);
  void close(std::uint16_t code, const std::string& reason);
  // Cuts the connection without a closing handshake.
  void cut();

  // The next text message, or nothing when the connection has ended; then the two below are set.
  std::optional<std::string> receive();
  std::uint16_t close_code() const;
  std::string close_reason() const;
  int pongs() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace harmonia::net::testing
