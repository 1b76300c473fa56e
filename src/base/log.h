#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace harmonia::log {

enum class Level { debug, info, warning, error };
enum class Format { text, json };

struct Options {
  Level level = Level::info;
  Format format = Format::text;
};

// Call once, before other threads log. Lines go to standard error.
void configure(const Options& options);

using Field = std::pair<std::string_view, std::string>;

// One event: a short constant message and what varies as fields. Thread-safe. In JSON form every
// line is one object with time, level, message and the fields; in text form `time level message
// key=value`.
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

inline void debug(std::string_view message, std::initializer_list<Field> fields = {}) {
  write(Level::debug, message, fields);
}
inline void info(std::string_view message, std::initializer_list<Field> fields = {}) {
  write(Level::info, message, fields);
}
inline void warning(std::string_view message, std::initializer_list<Field> fields = {}) {
  write(Level::warning, message, fields);
}
inline void error(std::string_view message, std::initializer_list<Field> fields = {}) {
  write(Level::error, message, fields);
}

}  // namespace harmonia::log
