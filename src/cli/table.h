#pragma once

#include <string>
#include <vector>

namespace harmonia::cli {

// Rows below a heading, columns two spaces apart and as wide as their widest cell; the last column
// is not padded. Cells are made printable.
class Table {
 public:
  explicit Table(std::vector<std::string> heading) : rows_{std::move(heading)} {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string to_text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace harmonia::cli
