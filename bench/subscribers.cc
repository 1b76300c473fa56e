// Many WebSocket clients of one run, and how long the news takes to the last of them.
//
//   subscribers PORT EXECUTION [--count 10000] [--rounds 20]
//
// All subscribe to /ws/executions/EXECUTION. Then, round by round, a signal is sent to the run over
// a connection of its own; the clock starts when the server has acknowledged it, that is when it is
// on disk. Prints one line of JSON: the milliseconds from there to the first and to the last
// subscriber, medians over the rounds. News that came before the acknowledgement counts as 0.
#include "client.h"

namespace {

using namespace client;

constexpr auto patience = std::chrono::seconds(30);

int subscribe(int port, const std::string& execution, int number) {
  int socket_fd = connect_to(port, number);
  upgrade(socket_fd, "/ws/executions/" + execution);
  make_non_blocking(socket_fd);
  return socket_fd;
}

class Subscribers {
 public:
  Subscribers(int port, const std::string& execution, int count)
      : execution_(execution), epoll_(epoll_create1(0)) {
    for (int i = 0; i < count; ++i) {
      int socket_fd = subscribe(port, execution, i);
      watch(epoll_, socket_fd, static_cast<std::uint32_t>(i));
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
    Answer answer = ask(control_, request_text("POST", "/api/executions/" + execution_ + "/signal",
                                               "{\"name\":\"tick\"}"));
    auto acknowledged = Clock::now();
    if (answer.status != 200) fail("the signal was refused: " + answer.head);
    listen_until_all(acknowledged + patience);
    auto [first, last] = std::minmax_element(heard_at_.begin(), heard_at_.end());
    auto since = [acknowledged](Clock::time_point at) {
      return std::max(0.0, milliseconds(at - acknowledged));
    };
    return {since(*first), since(*last)};
  }

 private:
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

  const std::string execution_;
  const int epoll_;
  int control_ = -1;
  std::vector<int> sockets_;
  std::vector<Clock::time_point> heard_at_;
};

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count < 3) fail("usage: subscribers PORT EXECUTION [--count 10000] [--rounds 20]");
  char** end = arguments + argument_count;
  int count = static_cast<int>(number_after(arguments, end, "--count", 10'000));
  int rounds = static_cast<int>(number_after(arguments, end, "--rounds", 20));
  raise_limit_of_files();
  Subscribers subscribers(std::atoi(arguments[1]), arguments[2], count);
  std::vector<double> first;
  std::vector<double> last;
  for (int i = 0; i < rounds; ++i) {
    auto delay = subscribers.round();
    first.push_back(delay.first_ms);
    last.push_back(delay.last_ms);
  }
  std::printf("{\"subscribers\":%d,\"first_ms\":%.2f,\"last_ms\":%.2f,\"last_most_ms\":%.2f}\n",
              count, percentile(first, 0.5), percentile(last, 0.5),
              *std::max_element(last.begin(), last.end()));
}
