#pragma once

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string>
#include <unistd.h>
#include <vector>

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

// What the measuring programs share as clients of a server on this machine. Without any library, so
// that what they add to a figure is known: system calls.
namespace client {

using Clock = std::chrono::steady_clock;

[[noreturn]] inline void fail(const std::string& what) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, what.c_str());
  std::exit(1);
}

inline void raise_limit_of_files() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

// A connection of the client with this number.
inline int connect_to(int port, int number) {
  int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
  if (socket_fd < 0) fail("no more sockets: raise `ulimit -n`");
  // Ports of one address are not enough for many thousands next to other work.
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1u + static_cast<unsigned>(number / 4000));
  bind(socket_fd, reinterpret_cast<sockaddr*>(&own), sizeof own);
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(static_cast<std::uint16_t>(port));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_fd, reinterpret_cast<sockaddr*>(&server), sizeof server) != 0)
    fail("connect: " + std::string(std::strerror(errno)));
  int on = 1;
  setsockopt(socket_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket_fd;
}

inline void make_non_blocking(int socket_fd) { fcntl(socket_fd, F_SETFL, O_NONBLOCK); }

inline void watch(int epoll, int socket_fd, std::uint32_t number) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = number;
  epoll_ctl(epoll, EPOLL_CTL_ADD, socket_fd, &event);
}

inline void send_all(int socket_fd, const std::string& text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    ssize_t count = send(socket_fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) fail("send failed");
    sent += static_cast<std::size_t>(count);
  }
}

inline std::string request_text(const std::string& method, const std::string& path,
                                const std::string& body = {}) {
  std::string text = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  if (!body.empty()) {
    text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size());
    text += "\r\n";
  }
  return text + "\r\n" + body;
}

// What a header of an answer says; empty: it is not there.
inline std::string header_of(const std::string& head, const std::string& name) {
  std::size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  at += name.size() + 4;
  return head.substr(at, head.find("\r\n", at) - at);
}

struct Answer {
  int status = 0;
  std::string head;
  std::string body;
};

// The first answer in `received`, which loses it. False: there is no whole one yet.
inline bool take_answer(std::string& received, Answer& answer) {
  std::size_t end = received.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  answer.head = received.substr(0, end + 2);
  std::size_t size = std::strtoul(header_of(answer.head, "Content-Length").c_str(), nullptr, 10);
  if (received.size() < end + 4 + size) return false;
  answer.status = std::atoi(received.c_str() + sizeof "HTTP/1.1");
  answer.body = received.substr(end + 4, size);
  received.erase(0, end + 4 + size);
  return true;
}

inline void receive(int socket_fd, std::string& received) {
  char buffer[16384];
  ssize_t count = recv(socket_fd, buffer, sizeof buffer, 0);
  if (count <= 0) fail("the server closed a connection");
  received.append(buffer, static_cast<std::size_t>(count));
}

// Asks on a connection that blocks, and waits.
inline Answer ask(int socket_fd, const std::string& request) {
  send_all(socket_fd, request);
  std::string received;
  Answer answer;
  while (!take_answer(received, answer)) receive(socket_fd, received);
  return answer;
}

// Makes a connection a WebSocket; returns what the server sent behind its answer.
inline std::string upgrade(int socket_fd, const std::string& path) {
  send_all(socket_fd, "GET " + path +
                          " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  std::string received;
  std::size_t end = 0;
  while ((end = received.find("\r\n\r\n")) == std::string::npos) receive(socket_fd, received);
  if (received.find(" 101 ") > end) fail("no WebSocket: " + received);
  return received.substr(end + 4);
}

inline const char* text_after(char** begin, char** end, const char* name, const char* fallback) {
  auto found = std::find_if(begin, end, [name](char* text) { return !std::strcmp(text, name); });
  return found == end || found + 1 == end ? fallback : found[1];
}

inline double number_after(char** begin, char** end, const char* name, double fallback) {
  const char* text = text_after(begin, end, name, nullptr);
  return text == nullptr ? fallback : std::atof(text);
}

inline double milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// The value that `share` of them do not exceed; 0 when there is none.
inline double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  auto index = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  return values[std::min(index, values.size() - 1)];
}

}  // namespace client
