// Many WebSocket clients of one run, and how long the news takes to the last of them.
//
//   subscribers PORT EXECUTION [--count 10000] [--rounds 20]
//
// All subscribe to /ws/executions/EXECUTION. Then, round by round, a signal is sent to the run over
// a connection of its own; the clock starts when the server has acknowledged it, that is when it is
// on disk. Prints one line of JSON: the milliseconds from there to the first and to the last
// subscriber, medians over the rounds. News that came before the acknowledgement counts as 0.
#include <algorithm>
#include <arpa/inet.h>
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

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto patience = std::chrono::seconds(30);

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "subscribers: %s\n", what.c_str());
  std::exit(1);
}

int connect_to(int port, int client) {
  int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
  if (socket_fd < 0) fail("no more sockets: raise `ulimit -n`");
  // Ports of one address are not enough for many thousands next to other work.
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1u + static_cast<unsigned>(client / 4000));
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

void send_all(int socket_fd, const std::string& text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    ssize_t count = send(socket_fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) fail("send failed");
    sent += static_cast<std::size_t>(count);
  }
}

std::string read_head(int socket_fd) {
  std::string head;
  char byte = 0;
  while (head.find("\r\n\r\n") == std::string::npos) {
    if (recv(socket_fd, &byte, 1, 0) != 1) fail("the server closed a connection");
    head += byte;
  }
  return head;
}

int subscribe(int port, const std::string& execution, int client) {
  int socket_fd = connect_to(port, client);
  send_all(socket_fd, "GET /ws/executions/" + execution +
                          " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  std::string head = read_head(socket_fd);
  if (head.find(" 101 ") == std::string::npos) fail("no WebSocket: " + head);
  fcntl(socket_fd, F_SETFL, O_NONBLOCK);
  return socket_fd;
}

class Subscribers {
 public:
  Subscribers(int port, const std::string& execution, int count)
      : port_(port), execution_(execution), epoll_(epoll_create1(0)) {
    for (int i = 0; i < count; ++i) {
      int socket_fd = subscribe(port, execution, i);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u32 = static_cast<std::uint32_t>(sockets_.size());
      epoll_ctl(epoll_, EPOLL_CTL_ADD, socket_fd, &event);
      sockets_.push_back(socket_fd);
      heard_at_.emplace_back();
    }
    control_ = connect_to(port, 0);
    listen_for(std::chrono::milliseconds(1000));  // greetings
  }

  struct Delay {
    double first_ms = 0;
    double last_ms = 0;
  };

  Delay round() {
    std::fill(heard_at_.begin(), heard_at_.end(), Clock::time_point());
    std::string body = "{\"name\":\"tick\"}";
    send_all(control_, "POST /api/executions/" + execution_ +
                           "/signal HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
                           "\r\nContent-Type: application/json\r\nContent-Length: " +
                           std::to_string(body.size()) + "\r\n\r\n" + body);
    read_answer();
    auto acknowledged = Clock::now();
    listen_until_all(acknowledged + patience);
    auto [first, last] = std::minmax_element(heard_at_.begin(), heard_at_.end());
    auto since = [acknowledged](Clock::time_point at) {
      return std::max(0.0, std::chrono::duration<double, std::milli>(at - acknowledged).count());
    };
    return {since(*first), since(*last)};
  }

 private:
  void read_answer() {
    std::string head = read_head(control_);
    if (head.find(" 200 ") == std::string::npos) fail("the signal was refused: " + head);
    std::size_t at = head.find("Content-Length: ");
    std::size_t size =
        at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 16, nullptr, 10);
    std::string body(size, '\0');
    for (std::size_t got = 0; got < size;) {
      ssize_t count = recv(control_, body.data() + got, size - got, 0);
      if (count <= 0) fail("the server closed a connection");
      got += static_cast<std::size_t>(count);
    }
  }

  // The number of clients that heard something for the first time in this round.
  std::size_t take_news(int wait_ms) {
    std::vector<epoll_event> events(1024);
    int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms);
    std::size_t fresh = 0;
    char buffer[16384];
    for (int i = 0; i < count; ++i) {
      std::uint32_t client = events[static_cast<std::size_t>(i)].data.u32;
      if (recv(sockets_[client], buffer, sizeof buffer, 0) <= 0) fail("a subscriber was cut off");
      if (heard_at_[client] == Clock::time_point()) {
        heard_at_[client] = Clock::now();
        ++fresh;
      }
    }
    return fresh;
  }

  void listen_until_all(Clock::time_point deadline) {
    for (std::size_t heard = 0; heard < sockets_.size();) {
      heard += take_news(100);
      if (Clock::now() > deadline) fail("not all subscribers heard of it");
    }
  }

  void listen_for(std::chrono::milliseconds duration) {
    auto end = Clock::now() + duration;
    while (Clock::now() < end) take_news(50);
  }

  const int port_;
  const std::string execution_;
  const int epoll_;
  int control_ = -1;
  std::vector<int> sockets_;
  std::vector<Clock::time_point> heard_at_;
};

int number_after(char** begin, char** end, const char* name, int fallback) {
  auto found = std::find_if(begin, end, [name](char* text) { return !std::strcmp(text, name); });
  return found == end || found + 1 == end ? fallback : std::atoi(found[1]);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count < 3) fail("usage: subscribers PORT EXECUTION [--count 10000] [--rounds 20]");
  char** end = arguments + argument_count;
  int count = number_after(arguments, end, "--count", 10'000);
  int rounds = number_after(arguments, end, "--rounds", 20);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  Subscribers subscribers(std::atoi(arguments[1]), arguments[2], count);
  std::vector<double> first;
  std::vector<double> last;
  for (int i = 0; i < rounds; ++i) {
    auto delay = subscribers.round();
    first.push_back(delay.first_ms);
    last.push_back(delay.last_ms);
  }
  std::printf("{\"subscribers\":%d,\"first_ms\":%.2f,\"last_ms\":%.2f,\"last_most_ms\":%.2f}\n",
              count, median(first), median(last), *std::max_element(last.begin(), last.end()));
}
