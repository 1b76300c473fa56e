#include "server/text_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <sys/stat.h>

namespace harmonia::server {
namespace {

Error cannot_read(const std::string& path, int number) {
  std::string name = path == "-" ? "standard input" : path;
  return make_error(number == ENOENT ? error_code::not_found : error_code::invalid_argument,
                    "cannot read " + name + ": " + std::strerror(number));
}

Result<std::string> read_all(int file, const std::string& path, std::size_t size_max) {
  std::string text;
  char block[64 << 10];
  while (true) {
    ssize_t count = ::read(file, block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return cannot_read(path, errno);
    if (count == 0) return text;
    text.append(block, static_cast<std::size_t>(count));
    if (text.size() > size_max) {
      return make_error(error_code::payload_too_large, (path == "-" ? "standard input" : path) +
                                                           " is larger than " +
                                                           std::to_string(size_max >> 20) + " MiB");
    }
  }
}

}  // namespace

Result<std::string> read_text_file(const std::string& path, std::size_t size_max) {
  if (path == "-") return read_all(STDIN_FILENO, path, size_max);
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return cannot_read(path, errno);
  auto text = read_all(file, path, size_max);
  ::close(file);
  return text;
}

}  // namespace harmonia::server
