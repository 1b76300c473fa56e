#pragma once

#include <algorithm>
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
  void boolean(std::string_view key, bool value) { member(key) += value ? "true" : "false"; }
  void null(std::string_view key) { member(key) += "null"; }
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
    // Grown once: four appends would be most of the cost of an object of numbers.
    std::size_t begin = out_.size();
    std::size_t comma = is_empty_ ? 0 : 1;
    out_.resize(begin + comma + key.size() + 3);
    char* text = out_.data() + begin;
    if (comma == 1) *text++ = ',';
    *text++ = '"';
    text = std::copy(key.begin(), key.end(), text);
    *text++ = '"';
    *text = ':';
    is_empty_ = false;
    return out_;
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
