#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time.h"

namespace harmonia {

// Appends one JSON object to a text, member by member, without a document in memory. Keys are
// written as they are: they must need no escapes. Values are those of to_text.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  ~ObjectWriter() { out_ += '}'; }
  ObjectWriter(const ObjectWriter&) = delete;
  ObjectWriter& operator=(const ObjectWriter&) = delete;

  void number(std::string_view key, std::int64_t value) { append(member(key), value); }
  void flag(std::string_view key) { member(key) += "true"; }
  void text(std::string_view key, std::string_view value) { append_quoted(member(key), value); }
  // Microseconds; nothing without a time.
  void time(std::string_view key, const std::optional<Timestamp>& value) {
    if (value) number(key, to_micros(*value));
  }
  // Nothing for the null pointer.
  void json(std::string_view key, const SharedJson& value) {
    if (value) append_text(member(key), *value);
  }
  // The text after `"key":`, for one value.
  std::string& member(std::string_view key) {
    if (!is_empty_) out_ += ',';
    is_empty_ = false;
    return out_.append("\"").append(key).append("\":");
  }
  // `[write(item), ...]`, where write appends one value to the text.
  void list(std::string_view key, const auto& items, auto write) {
    std::string& out = member(key);
    out += '[';
    bool is_first = true;
    for (const auto& item : items) {
      if (!is_first) out += ',';
      is_first = false;
      write(out, item);
    }
    out += ']';
  }

  static void append(std::string& out, std::int64_t value) {
    char buffer[24];
    auto [end, _] = std::to_chars(buffer, buffer + sizeof buffer, value);
    out.append(buffer, end);
  }

 private:
  std::string& out_;
  bool is_empty_ = true;
};

}  // namespace harmonia
