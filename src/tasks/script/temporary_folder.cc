#include "tasks/script/temporary_folder.h"

#include <cerrno>
#include <filesystem>
#include <stdlib.h>
#include <system_error>
#include <utility>

#include "base/log.h"

namespace harmonia::tasks {

Result<TemporaryFolder> TemporaryFolder::create() {
  std::error_code failed;
  auto parent = std::filesystem::temp_directory_path(failed);
  std::string path = (failed ? "/tmp" : parent.string()) + "/harmonia-script-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return make_error(error_code::unavailable, "no temporary folder could be made in " +
                                                   parent.string() + ": " +
                                                   std::generic_category().message(errno));
  }
  return TemporaryFolder(std::move(path));
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TemporaryFolder& TemporaryFolder::operator=(TemporaryFolder&& other) noexcept {
  if (this != &other) {
    remove();
    path_ = std::exchange(other.path_, {});
  }
  return *this;
}

TemporaryFolder::~TemporaryFolder() { remove(); }

void TemporaryFolder::remove() {
  if (path_.empty()) return;
  std::error_code failed;
  std::filesystem::remove_all(path_, failed);
  if (failed) {
    log::warning("a temporary folder stays", {{"path", path_}, {"error", failed.message()}});
  }
  path_.clear();
}

}  // namespace harmonia::tasks
