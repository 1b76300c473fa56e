#include "api/metrics.h"

#include <charconv>

namespace harmonia::api {
namespace {

std::string number_text(double value) {
  std::array<char, 512> buffer;  // of the largest double: 309 digits
  auto [end, _] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  return std::string(buffer.data(), end);
}

// Writes families; a counter's family loses its `_total` in OpenMetrics.
class Writer {
 public:
  explicit Writer(MetricsFormat format) : format_(format) {}

  void begin(std::string_view name, std::string_view type, std::string_view help) {
    std::string_view family = name;
    bool open = format_ == MetricsFormat::open_metrics;
    if (open && family.ends_with("_total")) family.remove_suffix(6);
    out_.append("# HELP ").append(family).append(" ").append(help).append("\n");
    out_.append("# TYPE ").append(family).append(" ").append(type).append("\n");
  }
  void sample(std::string_view name, std::string_view labels, std::string_view value) {
    out_.append(name);
    if (!labels.empty()) out_.append("{").append(labels).append("}");
    out_.append(" ").append(value).append("\n");
  }
  void sample(std::string_view name, std::string_view labels, std::uint64_t value) {
    sample(name, labels, std::to_string(value));
  }

  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    begin(name, "counter", help);
    sample(name, "", value);
  }
  void gauge(std::string_view name, std::string_view help, double value) {
    begin(name, "gauge", help);
    sample(name, "", number_text(value));
  }

  std::string finish() && {
    if (format_ == MetricsFormat::open_metrics) out_ += "# EOF\n";
    return std::move(out_);
  }

 private:
  const MetricsFormat format_;
  std::string out_;
};

std::string route_labels(const RequestMetrics& requests, std::size_t row) {
  if (row == requests.routes().size()) return "method=\"\",route=\"none\"";
  const Route& route = requests.routes()[row];
  return "method=\"" + std::string(route.method) + "\",route=\"" + std::string(route.pattern) +
         "\"";
}

bool is_used(const RequestMetrics::Row& row) {
  for (const auto& count : row.buckets) {
    if (count > 0) return true;
  }
  return false;
}

void write_requests(Writer& writer, const RequestMetrics& requests) {
  constexpr std::string_view name = "harmonia_http_requests_total";
  writer.begin(name, "counter", "Requests answered, by route and status.");
  for (std::size_t i = 0; i <= requests.routes().size(); ++i) {
    const auto& by_status = requests.row(i).by_status;
    for (std::size_t k = 0; k < by_status.size(); ++k) {
      if (by_status[k] == 0) continue;
      std::string labels = route_labels(requests, i);
      labels += ",status=\"" + std::to_string(k + 100) + "\"";
      writer.sample(name, labels, by_status[k]);
    }
  }
}

void write_latencies(Writer& writer, const RequestMetrics& requests) {
  writer.begin("harmonia_http_request_duration_seconds", "histogram",
               "Time from a request's arrival to its answer, by route.");
  for (std::size_t i = 0; i <= requests.routes().size(); ++i) {
    const RequestMetrics::Row& row = requests.row(i);
    if (!is_used(row)) continue;
    std::string labels = route_labels(requests, i);
    std::uint64_t sum = 0;
    for (std::size_t b = 0; b < row.buckets.size(); ++b) {
      sum += row.buckets[b];
      bool last = b == RequestMetrics::bounds.size();
      std::string bound = last ? "+Inf" : number_text(RequestMetrics::bounds[b]);
      writer.sample("harmonia_http_request_duration_seconds_bucket",
                    labels + ",le=\"" + bound + "\"", sum);
    }
    double seconds = static_cast<double>(row.nanoseconds) / 1e9;
    writer.sample("harmonia_http_request_duration_seconds_sum", labels, number_text(seconds));
    writer.sample("harmonia_http_request_duration_seconds_count", labels, sum);
  }
}

void write_engine(Writer& writer, const engine::EngineStatus& engine) {
  writer.counter("harmonia_engine_commands_total", "Commands taken from the mailboxes.",
                 engine.commands_total);
  writer.counter("harmonia_engine_commits_total", "Commands whose events were committed.",
                 engine.commits_total);
  writer.counter("harmonia_engine_commit_failures_total", "Commits the store refused.",
                 engine.commit_failures_total);
  writer.counter("harmonia_engine_refusals_total", "Commands that were refused.",
                 engine.refusals_total);
  writer.counter("harmonia_engine_stale_reports_total", "Reports of attempts that were over.",
                 engine.stale_reports_total);
  writer.counter("harmonia_engine_overloads_total", "Commands refused because too many waited.",
                 engine.overloads_total);
  writer.gauge("harmonia_engine_mailbox_depth", "Commands waiting.",
               static_cast<double>(engine.mailbox_depth));
  writer.gauge("harmonia_engine_live_runs", "Runs kept in memory.",
               static_cast<double>(engine.live_runs));
  writer.gauge("harmonia_engine_attempts_in_flight", "Attempts handed to runners.",
               static_cast<double>(engine.attempts_in_flight));
  writer.gauge("harmonia_engine_timers_armed", "Timers due within the horizon.",
               static_cast<double>(engine.timers_armed));
  writer.gauge("harmonia_engine_last_commit_duration_seconds", "Time of the latest commit.",
               to_seconds(engine.last_commit_time));
  writer.gauge("harmonia_engine_storage_ok", "1 while the store takes commits.",
               engine.storage_ok ? 1 : 0);
}

void write_store(Writer& writer, const store::StoreStats& store) {
  writer.gauge("harmonia_store_executions", "Executions in the store.",
               static_cast<double>(store.executions));
  writer.gauge("harmonia_store_executions_active", "Executions that have not ended.",
               static_cast<double>(store.executions_active));
  writer.gauge("harmonia_store_definitions", "Workflow definitions in the store.",
               static_cast<double>(store.definitions));
  writer.gauge("harmonia_store_size_bytes", "Size of the store.",
               static_cast<double>(store.size_bytes));
}

void write_health(Writer& writer, const store::StoreHealth& health) {
  writer.gauge("harmonia_store_writable", "1 while the store takes writes.",
               health.writable ? 1 : 0);
  writer.gauge("harmonia_store_degraded", "1 while the disk has a fault.",
               health.fault.empty() ? 0 : 1);
  writer.counter("harmonia_store_faults_total", "Times the disk began to fail.",
                 health.faults_total);
  writer.counter("harmonia_store_recoveries_total", "Times it worked again.",
                 health.recoveries_total);
}

}  // namespace

RequestMetrics::RequestMetrics(std::span<const Route> routes)
    : routes_(routes), rows_(std::make_unique<Row[]>(routes.size() + 1)) {}

void RequestMetrics::count(const Route* route, int status, std::chrono::nanoseconds elapsed) {
  auto index = route == nullptr ? routes_.size() : static_cast<std::size_t>(route - routes_.data());
  Row& row = rows_[index];
  if (status >= 100 && status < 600) {
    auto place = static_cast<std::size_t>(status - 100);
    row.by_status[place].fetch_add(1, std::memory_order_relaxed);
  }
  double seconds = std::chrono::duration<double>(elapsed).count();
  std::size_t bucket = 0;
  while (bucket < bounds.size() && seconds > bounds[bucket]) ++bucket;
  row.buckets[bucket].fetch_add(1, std::memory_order_relaxed);
  row.nanoseconds.fetch_add(static_cast<std::uint64_t>(elapsed.count()), std::memory_order_relaxed);
}

std::string render_metrics(const MetricsInput& input, MetricsFormat format) {
  Writer writer(format);
  writer.begin("harmonia_build_info", "gauge", "The version that runs; always 1.");
  writer.sample("harmonia_build_info", "version=\"" + input.version + "\"", "1");
  writer.gauge("harmonia_uptime_seconds", "Time since the start.", input.uptime_seconds);
  write_engine(writer, input.engine);
  if (input.store) write_store(writer, *input.store);
  write_health(writer, input.health);
  writer.gauge("harmonia_http_connections_open", "Connections that are open.",
               static_cast<double>(input.server.connections_open));
  writer.gauge("harmonia_http_streams_open", "WebSockets and event streams that are open.",
               static_cast<double>(input.server.outlets_open));
  writer.gauge("harmonia_live_watchers", "Streams and requests that wait for an execution.",
               static_cast<double>(input.live_watchers));
  write_requests(writer, input.requests);
  write_latencies(writer, input.requests);
  return std::move(writer).finish();
}

}  // namespace harmonia::api
