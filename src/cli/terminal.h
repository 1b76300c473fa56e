#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "server/environment.h"

namespace harmonia::cli {

// What a stream can show.
struct Terminal {
  bool is_terminal = false;
  bool colour = false;   // a terminal, and neither NO_COLOR nor TERM=dumb
  bool unicode = false;  // the locale says UTF-8
  int width = 80;
  int height = 24;
};
// Of standard error or standard output, by descriptor. Asks for the size every time.
Terminal examine_terminal(int descriptor, const server::Environment& environment);

// Whole text at once. A reader that went away is no error: there is nobody to tell.
void print_out(std::string_view text);
void print_error(std::string_view text);

// Columns that text takes on a terminal: code points, wide ones twice, combining ones not.
std::size_t display_width(std::string_view text);
// At most `width` columns, with an ellipsis where something was cut.
std::string fit(std::string_view text, std::size_t width);
// Filled with spaces up to `width` columns; longer text as it is.
std::string pad(std::string text, std::size_t width);
// Control characters as spaces and malformed UTF-8 as `?`, so that what tasks say can't steer the
// terminal.
std::string printable(std::string_view text);

}  // namespace harmonia::cli
