#include "api/request_reader.h"

#include <gtest/gtest.h>

#include "api/response.h"
#include "base/utf8.h"

namespace harmonia::api {
namespace {

TEST(RequestReader, equal_values_have_one_canonical_text) {
  auto a = parse_json(R"({"b":[1,{"y":2,"x":"é"}],"a":null})");
  auto b = parse_json(R"({ "a" : null, "b" : [1, {"x":"é", "y":2}] })");
  EXPECT_EQ(canonical_text(*a), canonical_text(*b));
  EXPECT_EQ(canonical_text(*a), R"({"a":null,"b":[1,{"x":"é","y":2}]})");
}

TEST(RequestReader, members_may_be_snake_or_camel_case) {
  BodyReader body(JsonObject{{"workflowId", "x"}, {"max_items", 5}});
  EXPECT_EQ(body.text("workflow_id"), "x");
  EXPECT_EQ(body.number("max_items"), 5.0);
  EXPECT_TRUE(body.finish().ok());
}

TEST(RequestReader, foreign_text_in_an_error_is_cut_between_characters) {
  std::string text(79, 'a');
  text.append("éé");
  EXPECT_TRUE(is_valid_utf8(quote_text(text)));
  EXPECT_TRUE(is_valid_utf8(quote_text("\xff\xfe")));
}

TEST(Response, accept_headers_are_understood) {
  EXPECT_TRUE(accepts("", "application/json"));
  EXPECT_TRUE(accepts("text/html, application/*;q=0.5", "application/json"));
  EXPECT_FALSE(accepts("application/json;q=0, text/html", "application/json"));
  EXPECT_FALSE(accepts("text/html", "application/json"));
}

TEST(Response, an_overloaded_engine_is_429_with_retry_after) {
  Error error = make_error(error_code::overloaded, "too much");
  error.retry_after = std::chrono::milliseconds(1200);
  auto response = problem_response(error);
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.headers.get("Retry-After"), "2");
}

TEST(Response, an_etag_is_named_in_a_list_weakly_or_by_a_star) {
  EXPECT_TRUE(names_etag("\"1\", W/\"2\"", "\"2\""));
  EXPECT_TRUE(names_etag("*", "\"2\""));
  EXPECT_FALSE(names_etag("\"1\"", "\"2\""));
  EXPECT_FALSE(names_etag("", "\"2\""));
}

}  // namespace
}  // namespace harmonia::api
