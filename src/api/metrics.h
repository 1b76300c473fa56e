#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/route.h"
#include "engine/engine.h"
#include "net/http_server.h"
#include "store/store.h"

namespace harmonia::api {

// Counters of requests by route and status, and of their latency. Lock-free: one row for each
// route, made once.
class RequestMetrics {
 public:
  // Upper bounds of the latency buckets, in seconds; beyond the last is +Inf.
  static constexpr std::array<double, 14> bounds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                    0.1,    0.25,  0.5,    1,     2.5,  5,     10};

  explicit RequestMetrics(std::span<const Route> routes);

  // `route` is null for what matches no route.
  void count(const Route* route, int status, std::chrono::nanoseconds elapsed);

  struct Row {
    std::array<std::atomic<std::uint64_t>, 500> by_status{};  // status 100 at 0
    std::array<std::atomic<std::uint64_t>, bounds.size() + 1> buckets{};
    std::atomic<std::uint64_t> nanoseconds{0};
  };
  std::span<const Route> routes() const { return routes_; }
  const Row& row(std::size_t route) const { return rows_[route]; }  // the last is "no route"

 private:
  std::span<const Route> routes_;
  std::unique_ptr<Row[]> rows_;
};

// What one page of metrics shows.
struct MetricsInput {
  std::string version;
  double uptime_seconds = 0;
  engine::EngineStatus engine;
  std::optional<store::StoreStats> store;  // none: the store did not answer
  store::StoreHealth health;
  net::ServerMetrics server;
  std::uint64_t live_watchers = 0;
  const RequestMetrics& requests;
};

enum class MetricsFormat { prometheus, open_metrics };
// The text format 0.0.4 of Prometheus, or OpenMetrics 1.0.0.
std::string render_metrics(const MetricsInput& input, MetricsFormat format);

}  // namespace harmonia::api
