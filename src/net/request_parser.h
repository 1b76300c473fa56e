#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "net/http.h"
#include "net/problem.h"

namespace harmonia::net {

// HTTP/1.1 requests out of bytes, with limits. A pimpl keeps Beast out of the files that use it.
class RequestParser {
 public:
  struct Limits {
    std::size_t header_size_max;
    std::size_t body_size_max;
  };
  enum class Step {
    need_more,    // give the bytes not consumed again, with more behind them
    header_done,  // once per request that has a body
    complete,
    refused,  // see refusal(); the connection can't be read on
  };
  struct Progress {
    Step step;
    std::size_t consumed;
  };

  explicit RequestParser(const Limits& limits);
  ~RequestParser();

  // Ready for the next request.
  void reset();
  Progress parse(std::string_view bytes);

  // Valid from header_done on.
  Request& request();
  bool keep_alive() const;
  bool expects_continue() const;
  bool is_head() const;  // the request says GET then
  bool is_http_1_1() const;
  bool wants_web_socket() const;
  const Refusal& refusal() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace harmonia::net
