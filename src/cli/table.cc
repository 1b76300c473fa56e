#include "cli/table.h"

#include <algorithm>

#include "cli/terminal.h"

namespace harmonia::cli {

std::string Table::to_text() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(printable(row[i])));
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      bool is_last = i + 1 == row.size();
      std::string cell = printable(row[i]);
      line += is_last ? cell : pad(std::move(cell), widths[i]) + "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace harmonia::cli
