#pragma once

#include <string>

#include "base/result.h"

namespace harmonia::tasks {

// A fresh folder of its own, removed with all that is in it.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> create();

  TemporaryFolder() = default;
  TemporaryFolder(TemporaryFolder&& other) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept;
  ~TemporaryFolder();

  const std::string& path() const { return path_; }  // empty: none

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  void remove();

  std::string path_;
};

}  // namespace harmonia::tasks
