#include "base/utf8.h"

#include <algorithm>
#include <array>

namespace harmonia {
namespace {

std::uint32_t continuation(std::string_view text, std::size_t index) {
  if (index >= text.size()) return 0xff;
  auto byte = static_cast<unsigned char>(text[index]);
  return (byte & 0xc0u) == 0x80u ? byte & 0x3fu : 0xffu;
}

struct Decoded {
  std::uint32_t code_point = 0xfffd;
  std::size_t length = 1;
  bool valid = false;
};

Decoded decode(std::string_view text, std::size_t offset) {
  auto lead = static_cast<unsigned char>(text[offset]);
  if (lead < 0x80) return {lead, 1, true};
  std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4) return {};
  std::uint32_t code_point = lead & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    std::uint32_t part = continuation(text, offset + i);
    if (part == 0xff) return {};
    code_point = code_point << 6 | part;
  }
  constexpr std::array<std::uint32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
  bool surrogate = code_point >= 0xd800 && code_point < 0xe000;
  if (code_point < smallest[length] || code_point > 0x10ffff || surrogate) return {};
  return {code_point, length, true};
}

}  // namespace

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    Decoded decoded = decode(text, i);
    if (!decoded.valid) return i;
    i += decoded.length;
  }
  return std::nullopt;
}

bool is_valid_utf8(std::string_view text) { return !find_invalid_utf8(text); }

void append_utf8(std::string& out, std::uint32_t code) {
  auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

std::string utf8_prefix(std::string_view text, std::size_t size_max) {
  std::size_t size = std::min(text.size(), size_max);
  // A character is at most four bytes; stray bytes may look like the inside of one.
  for (int i = 0; i < 3 && size > 0 && size < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[size]) & 0xc0u) != 0x80u) break;
    --size;
  }
  return std::string(text.substr(0, size));
}

std::string repaired_utf8(std::string_view text) {
  std::string out;
  bool broken = false;
  for (std::size_t i = 0; i < text.size();) {
    Decoded decoded = decode(text, i);
    if (decoded.valid || !broken) append_utf8(out, decoded.code_point);
    broken = !decoded.valid;
    i += decoded.length;
  }
  return out;
}

std::uint32_t next_code_point(std::string_view text, std::size_t& offset) {
  Decoded decoded = decode(text, offset);
  offset += decoded.length;
  return decoded.code_point;
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++count) i += decode(text, i).length;
  return count;
}

}  // namespace harmonia
