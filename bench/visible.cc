// How soon others see what was acknowledged.
//
//   visible PORT WORKFLOW [--rounds 2000] [--pause-ms 2]
//
// WORKFLOW waits for the event `go` and ends with it. Round by round a run is started, watched over
// a WebSocket, and ended by the event; each time the clock starts when the acknowledgement has been
// read. Prints one line of JSON, p50 and p99 in milliseconds:
//
//   start_api     until GET has answered with the run
//   start_stream  until a WebSocket that is opened then (after=0) has brought its first event
//   end_api       until GET has answered that the run has completed
//   end_stream    until the WebSocket has brought the end; 0 when it came before the
//   acknowledgement write         for scale: from the request of the start to its acknowledgement
//
// One process, one clock, connections that are open already. Each GET that shows too little is
// asked again; `stale` counts those.
#include <poll.h>
#include <thread>

#include "client.h"

namespace {

using namespace client;

constexpr double patience_ms = 10'000;

struct Delays {
  std::vector<double> write, start_api, start_stream, end_api, end_stream;
  unsigned stale = 0;
};

// A run's events as they come. Connected beforehand: what is measured is the server, not TCP.
class Watcher {
 public:
  Watcher(int port, int number) : socket_fd_(connect_to(port, number)) {}
  ~Watcher() { close(socket_fd_); }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  void open(const std::string& execution) {
    received_ = upgrade(socket_fd_, "/ws/executions/" + execution + "?after=0");
  }
  // True once the text was among what has come; waits for up to `wait_ms`.
  bool has_brought(const char* text, int wait_ms) {
    if (received_.find(text) != std::string::npos) return true;
    pollfd ready{.fd = socket_fd_, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, wait_ms) == 1) receive(socket_fd_, received_);
    return received_.find(text) != std::string::npos;
  }
  void wait_for(const char* text) {
    auto began = Clock::now();
    while (!has_brought(text, 100)) {
      if (milliseconds(Clock::now() - began) > patience_ms) fail("an event did not come");
    }
  }

 private:
  const int socket_fd_;
  std::string received_;
};

class Visible {
 public:
  Visible(int port, const std::string& workflow)
      : port_(port),
        commands_(connect_to(port, 0)),
        reads_(connect_to(port, 0)),
        start_(request_text("POST", "/api/workflows/" + workflow + "/execute", "{\"input\":{}}")) {}

  void round(Delays& delays) {
    Watcher watcher(port_, 0);
    auto asked = Clock::now();
    Answer started = ask(commands_, start_);
    auto acknowledged = Clock::now();
    if (started.status != 202) return;  // refused: under overload
    delays.write.push_back(milliseconds(acknowledged - asked));
    std::string id = header_of(started.head, "Location").substr(sizeof "/api/executions");
    read_until(id, "\"id\"", delays);
    delays.start_api.push_back(milliseconds(Clock::now() - acknowledged));

    // Another run for the stream, so that neither waits for the other.
    started = ask(commands_, start_);
    acknowledged = Clock::now();
    if (started.status != 202) return;
    id = header_of(started.head, "Location").substr(sizeof "/api/executions");
    watcher.open(id);
    watcher.wait_for("workflow_started");
    delays.start_stream.push_back(milliseconds(Clock::now() - acknowledged));
    watcher.wait_for("task_awaiting");
    end(id, watcher, delays);
  }

 private:
  void end(const std::string& id, Watcher& watcher, Delays& delays) {
    send_all(commands_,
             request_text("POST", "/api/executions/" + id + "/signal", "{\"name\":\"go\"}"));
    std::string received;
    Answer answer;
    while (!take_answer(received, answer)) receive(commands_, received);
    auto acknowledged = Clock::now();
    if (answer.status != 200) fail("the signal was refused: " + answer.head + answer.body);
    if (watcher.has_brought("workflow_completed", 0)) {
      delays.end_stream.push_back(0);
    } else {
      watcher.wait_for("workflow_completed");
      delays.end_stream.push_back(milliseconds(Clock::now() - acknowledged));
    }
    read_until(id, "\"status\":\"completed\"", delays);
    delays.end_api.push_back(milliseconds(Clock::now() - acknowledged));
  }

  void read_until(const std::string& id, const char* text, Delays& delays) {
    std::string request = request_text("GET", "/api/executions/" + id);
    auto began = Clock::now();
    for (;;) {
      Answer answer = ask(reads_, request);
      if (answer.status == 200 && answer.body.find(text) != std::string::npos) return;
      ++delays.stale;
      if (milliseconds(Clock::now() - began) > patience_ms) fail("a read does not show " + id);
    }
  }

  const int port_;
  const int commands_;
  const int reads_;
  const std::string start_;
};

void print(const char* name, const std::vector<double>& values) {
  std::printf("\"%s_p50_ms\":%.3f,\"%s_p99_ms\":%.3f,", name, percentile(values, 0.5), name,
              percentile(values, 0.99));
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count < 3) fail("usage: visible PORT WORKFLOW [--rounds 2000] [--pause-ms 2]");
  char** end = arguments + argument_count;
  int rounds = static_cast<int>(number_after(arguments, end, "--rounds", 2000));
  int pause_ms = static_cast<int>(number_after(arguments, end, "--pause-ms", 2));
  Visible visible(std::atoi(arguments[1]), arguments[2]);
  Delays delays;
  for (int i = 0; i < rounds; ++i) {
    visible.round(delays);
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
  }
  std::printf("{");
  print("write", delays.write);
  print("start_api", delays.start_api);
  print("start_stream", delays.start_stream);
  print("end_api", delays.end_api);
  print("end_stream", delays.end_stream);
  std::printf("\"stale\":%u,\"rounds\":%zu}\n", delays.stale, delays.end_stream.size());
}
