#include "cli/terminal.h"

#include <cerrno>
#include <cstdint>
#include <unistd.h>

#include <sys/ioctl.h>

namespace harmonia::cli {
namespace {

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

bool says_utf8(std::string_view locale) {
  return locale.find("UTF-8") != std::string_view::npos ||
         locale.find("utf8") != std::string_view::npos ||
         locale.find("UTF8") != std::string_view::npos ||
         locale.find("utf-8") != std::string_view::npos;
}

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 1;
  bool is_valid = false;
};

CodePoint decode(std::string_view text) {
  auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1, true};
  std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return {};
  std::uint32_t value = first & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return {};
    value = (value << 6) | (next & 0x3f);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  bool is_surrogate = value >= 0xd800 && value < 0xe000;
  if (value < least[length] || value > 0x10ffff || is_surrogate) return {};
  return {value, length, true};
}

std::size_t columns_of(std::uint32_t value) {
  bool is_combining =
      (value >= 0x300 && value < 0x370) || (value >= 0xfe00 && value < 0xfe10) || value == 0x200d;
  if (is_combining) return 0;
  bool is_wide = (value >= 0x1100 && value < 0x1160) || (value >= 0x2e80 && value < 0xa4d0) ||
                 (value >= 0xac00 && value < 0xd7a4) || (value >= 0xf900 && value < 0xfb00) ||
                 (value >= 0xff00 && value < 0xff61) || (value >= 0x1f300 && value < 0x1fb00) ||
                 (value >= 0x20000 && value < 0x40000);
  return is_wide ? 2 : 1;
}

bool is_control(std::uint32_t value) {
  bool is_direction = (value >= 0x202a && value <= 0x202e) || (value >= 0x2066 && value <= 0x2069);
  return value < 0x20 || (value >= 0x7f && value < 0xa0) || is_direction;
}

}  // namespace

Terminal examine_terminal(int descriptor, const server::Environment& environment) {
  Terminal terminal;
  terminal.is_terminal = ::isatty(descriptor) == 1;
  if (!terminal.is_terminal) return terminal;
  std::string_view kind = server::variable(environment, "TERM");
  terminal.colour = server::variable(environment, "NO_COLOR").empty() && kind != "dumb";
  for (std::string_view name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string_view locale = server::variable(environment, name);
    if (locale.empty()) continue;
    terminal.unicode = says_utf8(locale);
    break;
  }
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
    terminal.width = size.ws_col;
    terminal.height = size.ws_row;
  }
  return terminal;
}

void print_out(std::string_view text) { write_all(STDOUT_FILENO, text); }

void print_error(std::string_view text) { write_all(STDERR_FILENO, text); }

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    CodePoint point = decode(text);
    width += point.is_valid ? columns_of(point.value) : 1;
    text.remove_prefix(point.length);
  }
  return width;
}

std::string fit(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  constexpr std::string_view ellipsis = "...";
  if (width <= ellipsis.size()) return std::string(ellipsis.substr(0, width));
  std::string kept;
  std::size_t room = width - ellipsis.size();
  while (!text.empty()) {
    CodePoint point = decode(text);
    std::size_t columns = point.is_valid ? columns_of(point.value) : 1;
    if (columns > room) break;
    room -= columns;
    kept.append(text.substr(0, point.length));
    text.remove_prefix(point.length);
  }
  return kept.append(ellipsis);
}

std::string pad(std::string text, std::size_t width) {
  std::size_t taken = display_width(text);
  if (taken < width) text.append(width - taken, ' ');
  return text;
}

std::string printable(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    CodePoint point = decode(text);
    if (!point.is_valid) {
      clean += '?';
    } else if (is_control(point.value)) {
      clean += ' ';
    } else {
      clean.append(text.substr(0, point.length));
    }
    text.remove_prefix(point.length);
  }
  return clean;
}

}  // namespace harmonia::cli
