#include "net/url.h"

#include <memory>

#include <curl/curl.h>

namespace harmonia::net {
namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

}  // namespace

std::string UrlParts::shown() const {
  const bool default_port =
      (scheme == "http" && port == "80") || (scheme == "https" && port == "443");
  return scheme + "://" + host + (default_port ? "" : ":" + port) + (path == "/" ? "" : path);
}

Result<UrlParts> parse_url(const std::string& text) {
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  const CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0);
  const bool has_zero = text.find('\0') != std::string::npos;
  if (code == CURLUE_UNSUPPORTED_SCHEME) {
    return make_error(error_code::invalid_argument, "the URL must begin with http:// or https://");
  }
  if (code != CURLUE_OK || has_zero) {
    return make_error(error_code::invalid_argument, "the URL is malformed");
  }
  UrlParts parts{.scheme = part_of(url.get(), CURLUPART_SCHEME),
                 .host = part_of(url.get(), CURLUPART_HOST),
                 .port = part_of(url.get(), CURLUPART_PORT),
                 .path = part_of(url.get(), CURLUPART_PATH)};
  if (parts.scheme != "http" && parts.scheme != "https") {
    return make_error(error_code::invalid_argument, "the URL must begin with http:// or https://");
  }
  return parts;
}

}  // namespace harmonia::net
