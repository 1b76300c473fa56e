#include "base/log.h"

#include <atomic>
#include <chrono>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/json.h"
#include "base/time.h"

namespace harmonia::log {
namespace {

std::atomic<Level> level_min{Level::info};
std::atomic<Format> format{Format::text};

// spdlog brings the locked sink; the line is built here because its own patterns do not escape
// JSON.
spdlog::logger& sink() {
  static const auto logger = [] {
    auto made = std::make_shared<spdlog::logger>("harmonia",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warning: return "warning";
    case Level::error: return "error";
  }
  return "info";
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \"\n\t=") != std::string_view::npos;
}

std::string text_line(Level level, std::string_view message, std::initializer_list<Field> fields,
                      const std::string& time) {
  std::string line = time + " " + std::string(name_of(level)) + " " + std::string(message);
  for (const auto& [key, value] : fields) {
    line.append(" ").append(key).append("=");
    if (needs_quotes(value)) {
      append_quoted(line, value);
    } else {
      line += value;
    }
  }
  return line;
}

std::string json_line(Level level, std::string_view message, std::initializer_list<Field> fields,
                      const std::string& time) {
  std::string line =
      "{\"time\":\"" + time + "\",\"level\":\"" + std::string(name_of(level)) + "\",\"message\":";
  append_quoted(line, message);
  for (const auto& [key, value] : fields) {
    line += ',';
    append_quoted(line, key);
    line += ':';
    append_quoted(line, value);
  }
  line += '}';
  return line;
}

}  // namespace

void configure(const Options& options) {
  level_min = options.level;
  format = options.format;
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  if (level < level_min.load(std::memory_order_relaxed)) return;
  auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  auto time = to_rfc3339(now);
  bool as_json = format.load(std::memory_order_relaxed) == Format::json;
  sink().info("{}", as_json ? json_line(level, message, fields, time)
                            : text_line(level, message, fields, time));
}

}  // namespace harmonia::log
