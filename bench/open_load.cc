// An open loop: requests are sent at the times of a plan, however late the answers come.
//
//   open_load PORT PATH --rate 8000 [--seconds 8] [--warm 4] [--body '{"input":{}}']
//             [--connections 4000] [--waiting 20]
//
// POST PATH comes `rate` times a second at random moments (exponential gaps, a fixed seed). One of
// `waiting` requests asks for the end of what it starts (`?wait=60`), the others for the
// acknowledgement. Latency counts from the planned moment, so that a request that had to wait for a
// free connection is not taken for a quick one. What is planned in the first `warm` seconds is sent
// but not counted. Prints one line of JSON.
#include <deque>
#include <random>

#include "client.h"

namespace {

using namespace client;

constexpr auto patience = std::chrono::seconds(90);

struct Plan {
  int port = 0;
  std::string path;
  std::string body;
  double rate = 0;
  double seconds = 0;
  double warm = 0;
  int connections = 0;
  unsigned waiting = 0;
};

struct Tally {
  unsigned offered = 0;
  std::vector<double> accepted_ms;
  std::vector<double> ended_ms;
  std::vector<double> refused_ms;
  unsigned refused_silently = 0;  // without Retry-After
  unsigned other = 0;
  double retry_after_most_s = 0;
  std::string first_other;
};

class OpenLoad {
 public:
  explicit OpenLoad(const Plan& plan)
      : plan_(plan),
        epoll_(epoll_create1(0)),
        start_request_(request_text("POST", plan.path, plan.body)),
        waiting_request_(request_text("POST", plan.path + "?wait=60", plan.body)),
        gap_(plan.rate) {
    for (int i = 0; i < plan.connections; ++i) {
      int socket_fd = connect_to(plan.port, i);
      make_non_blocking(socket_fd);
      watch(epoll_, socket_fd, static_cast<std::uint32_t>(i));
      connections_.push_back({.socket_fd = socket_fd});
      idle_.push_back(static_cast<std::uint32_t>(i));
    }
  }

  void run() {
    begin_ = Clock::now();
    next_ = begin_;
    Clock::time_point end = begin_ + seconds(plan_.warm + plan_.seconds);
    while (Clock::now() < end) {
      plan_arrivals(std::min(Clock::now(), end));
      send_what_waits();
      take_answers();
    }
    unsent_ = planned_.size();
    planned_.clear();
    while (idle_.size() < connections_.size() && Clock::now() < end + patience) take_answers();
    unanswered_ = connections_.size() - idle_.size();
  }

  void print() const {
    const Tally& t = tally_;
    auto accepted = t.accepted_ms.size() + t.ended_ms.size();
    std::printf(
        "{\"offered\":%u,\"accepted\":%zu,\"refused\":%zu,\"refused_without_retry_after\":%u,"
        "\"retry_after_most_s\":%.0f,\"other\":%u,\"unsent\":%zu,\"unanswered\":%zu,"
        "\"accepted_p50_ms\":%.2f,\"accepted_p99_ms\":%.2f,\"accepted_most_ms\":%.2f,"
        "\"ended\":%zu,\"ended_p50_ms\":%.2f,\"ended_p99_ms\":%.2f,\"refused_p99_ms\":%.2f}\n",
        t.offered, accepted, t.refused_ms.size(), t.refused_silently, t.retry_after_most_s, t.other,
        unsent_, unanswered_, percentile(t.accepted_ms, 0.5), percentile(t.accepted_ms, 0.99),
        percentile(t.accepted_ms, 1), t.ended_ms.size(), percentile(t.ended_ms, 0.5),
        percentile(t.ended_ms, 0.99), percentile(t.refused_ms, 0.99));
    if (t.other > 0) std::fprintf(stderr, "one of the others: %s\n", t.first_other.c_str());
  }

 private:
  struct Request {
    Clock::time_point planned;
    bool waits = false;
    bool counts = false;
  };
  struct Connection {
    int socket_fd = -1;
    std::string received = {};
    Request request = {};
  };

  static Clock::duration seconds(double count) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(count));
  }

  void plan_arrivals(Clock::time_point now) {
    while (next_ <= now) {
      bool counts = next_ - begin_ >= seconds(plan_.warm);
      if (counts) ++tally_.offered;
      bool waits = plan_.waiting > 0 && ++arrivals_ % plan_.waiting == 0;
      planned_.push_back({.planned = next_, .waits = waits, .counts = counts});
      next_ += seconds(gap_(random_));
    }
  }

  void send_what_waits() {
    while (!planned_.empty() && !idle_.empty()) {
      Connection& connection = connections_[idle_.back()];
      idle_.pop_back();
      connection.request = planned_.front();
      planned_.pop_front();
      send_all(connection.socket_fd, connection.request.waits ? waiting_request_ : start_request_);
    }
  }

  void take_answers() {
    epoll_event events[512];
    int count = epoll_wait(epoll_, events, 512, 1);
    for (int i = 0; i < count; ++i) {
      std::uint32_t number = events[i].data.u32;
      Connection& connection = connections_[number];
      receive(connection.socket_fd, connection.received);
      Answer answer;
      if (!take_answer(connection.received, answer)) continue;
      if (connection.request.counts) count_answer(connection.request, answer);
      idle_.push_back(number);
    }
  }

  void count_answer(const Request& request, const Answer& answer) {
    double took = milliseconds(Clock::now() - request.planned);
    if (answer.status == 200 || answer.status == 202) {
      (request.waits ? tally_.ended_ms : tally_.accepted_ms).push_back(took);
    } else if (answer.status == 429) {
      tally_.refused_ms.push_back(took);
      std::string after = header_of(answer.head, "Retry-After");
      if (after.empty()) ++tally_.refused_silently;
      tally_.retry_after_most_s = std::max(tally_.retry_after_most_s, std::atof(after.c_str()));
    } else if (tally_.other++ == 0) {
      tally_.first_other = answer.head + answer.body;
    }
  }

  const Plan plan_;
  const int epoll_;
  const std::string start_request_;
  const std::string waiting_request_;
  std::mt19937 random_{1};
  std::exponential_distribution<double> gap_;
  std::vector<Connection> connections_;
  std::vector<std::uint32_t> idle_;
  std::deque<Request> planned_;
  Clock::time_point begin_;
  Clock::time_point next_;
  unsigned arrivals_ = 0;
  std::size_t unsent_ = 0;
  std::size_t unanswered_ = 0;
  Tally tally_;
};

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count < 3) fail("usage: open_load PORT PATH --rate N; see the head of the source");
  char** end = arguments + argument_count;
  raise_limit_of_files();
  OpenLoad load(
      {.port = std::atoi(arguments[1]),
       .path = arguments[2],
       .body = text_after(arguments, end, "--body", "{\"input\":{}}"),
       .rate = number_after(arguments, end, "--rate", 1000),
       .seconds = number_after(arguments, end, "--seconds", 8),
       .warm = number_after(arguments, end, "--warm", 4),
       .connections = static_cast<int>(number_after(arguments, end, "--connections", 4000)),
       .waiting = static_cast<unsigned>(number_after(arguments, end, "--waiting", 20))});
  load.run();
  load.print();
}
