#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "net/http.h"

// The answers handlers give.
namespace harmonia::api {

net::Response json_response(int status, const Json& body);
net::Response json_text_response(int status, std::string body);
net::Response text_response(std::string_view content_type, std::string body);
// 304 or 204: headers only.
net::Response empty_response(int status);

// RFC 9457 application/problem+json. `type` leads to the page of the code below /docs/errors. The
// status is the code's (base/error.h) unless given. Retry-After follows error.retry_after.
net::Response problem_response(const Error& error);
net::Response problem_response(const Error& error, int status);

// 200, 304 when the request's If-None-Match names the tag; with ETag either way.
net::Response tagged_response(const net::Request& request, std::string_view etag, const Json& body);
net::Response tagged_text_response(const net::Request& request, std::string_view etag,
                                   std::string body);
// Whether an If-Match or If-None-Match value names `etag` (with its quotes), or is `*`.
bool names_etag(std::string_view header, std::string_view etag);

// `<target>; rel="next"`: the request's own target with the cursor replaced.
std::string next_link(const net::Request& request, std::string_view cursor_name,
                      std::string_view cursor);

// Whether the Accept header takes a media type: absent takes everything; ranges and q=0 count.
bool accepts(std::string_view accept, std::string_view media_type);
// Whether it names the media type itself, not by a range: browsers name text/html.
bool names_media_type(std::string_view accept, std::string_view media_type);

Json problem_to_json(const Problem& problem);

}  // namespace harmonia::api
