#include "net/http.h"

#include <gtest/gtest.h>

#include "net/http_client.h"
#include "net/problem.h"
#include "net/response_head.h"
#include "net/url.h"

namespace harmonia::net {
namespace {

TEST(Headers, names_compare_without_case) {
  Headers headers;
  headers.add("Content-Type", "text/plain");
  EXPECT_EQ(headers.get("content-type"), "text/plain");
  EXPECT_TRUE(headers.has("CONTENT-TYPE"));
  EXPECT_EQ(headers.get("Content-Length"), "");
}

TEST(Headers, set_replaces_all_and_add_keeps_the_order) {
  Headers headers;
  headers.add("A", "1");
  headers.add("B", "2");
  headers.add("a", "3");
  EXPECT_EQ(headers.get("A"), "1");
  headers.set("A", "4");
  ASSERT_EQ(headers.all().size(), 2u);
  EXPECT_EQ(headers.all()[0].first, "B");
  EXPECT_EQ(headers.get("a"), "4");
}

TEST(Lists, a_token_is_found_whatever_its_case_and_parameters) {
  EXPECT_TRUE(list_has_token("keep-alive, Upgrade", "upgrade"));
  EXPECT_TRUE(list_has_token("text/html, text/event-stream;q=0.9", "text/event-stream"));
  EXPECT_FALSE(list_has_token("text/html", "text"));
  EXPECT_FALSE(list_has_token("", "x"));
}

TEST(Percent, what_is_encoded_decodes_to_itself) {
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
  EXPECT_EQ(percent_decode(percent_encode(all), false), all);
  EXPECT_EQ(percent_decode(percent_encode(all), true), all);
  EXPECT_EQ(percent_encode("a b/c~"), "a%20b%2Fc~");
}

TEST(Percent, malformed_escapes_are_refused) {
  EXPECT_FALSE(percent_decode("%", false));
  EXPECT_FALSE(percent_decode("a%4", false));
  EXPECT_FALSE(percent_decode("%zz", false));
  EXPECT_EQ(percent_decode("%41+b", false), "A+b");
  EXPECT_EQ(percent_decode("%41+b", true), "A b");
}

TEST(Query, pairs_come_decoded_and_in_order) {
  const auto query = parse_query("a=1&&b=x+y%26&flag&a=2&e=");
  ASSERT_TRUE(query);
  const Query expected = {{"a", "1"}, {"b", "x y&"}, {"flag", ""}, {"a", "2"}, {"e", ""}};
  EXPECT_EQ(*query, expected);
  EXPECT_FALSE(parse_query("a=%4"));
  Request request;
  request.query = *query;
  EXPECT_EQ(request.query_value("a"), "1");
  EXPECT_FALSE(request.query_value("z"));
}

TEST(ResponseHead, a_value_can_not_smuggle_in_a_header) {
  Response response;
  response.headers.set("X-Name", "a\r\nSet-Cookie: b");
  response.headers.set("Content-Length", "999");
  const std::string head = format_head(response, HeadFraming{.date = "now"});
  EXPECT_EQ(head.find("\nSet-Cookie"), std::string::npos);
  EXPECT_EQ(head.find("999"), std::string::npos);
}

TEST(Problem, it_is_rfc_9457_json) {
  const Response response = problem_response(
      Refusal{.status = 413, .error = make_error(error_code::payload_too_large, "big")});
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
  EXPECT_EQ(response.body, R"({"type":"about:blank","title":"Content Too Large","status":413,)"
                           R"("code":"payload_too_large","detail":"big"})");
}

TEST(Url, messages_never_show_its_secrets) {
  const auto url = parse_url("https://user:secret@example.com/a?token=secret#x");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->shown(), "https://example.com/a");
  EXPECT_EQ(url->endpoint(), "example.com:443");
  EXPECT_FALSE(parse_url("ftp://example.com").ok());
  EXPECT_FALSE(parse_url("example.com").ok());
  EXPECT_FALSE(parse_url("http://").ok());
}

TEST(Addresses, special_purpose_ones_are_private) {
  for (const char* address : {"127.0.0.1",
                              "127.255.0.9",
                              "10.0.0.1",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.168.1.1",
                              "169.254.169.254",
                              "100.64.0.1",
                              "100.127.255.255",
                              "0.0.0.0",
                              "0.1.2.3",
                              "224.0.0.1",
                              "255.255.255.255",
                              "198.18.0.1",
                              "192.0.2.1",
                              "198.51.100.7",
                              "203.0.113.9",
                              "::",
                              "::1",
                              "fe80::1",
                              "fc00::1",
                              "fd12::1",
                              "ff02::1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.0.0.1",
                              "::127.0.0.1",
                              "64:ff9b::7f00:1",
                              "2002:7f00:1::",
                              "2001:db8::1",
                              "2001::1",
                              "fec0::1",
                              "100::1",
                              "fe80::1%eth0",
                              "",
                              "localhost",
                              "127.1",
                              "0x7f000001"}) {
    EXPECT_TRUE(is_private_address(address)) << address;
  }
}

TEST(Addresses, those_of_the_internet_are_not_private) {
  for (const char* address :
       {"1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1",
        "192.167.0.1", "11.0.0.1", "2606:4700:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8",
        "64:ff9b::808:808", "2002:808:808::", "126.255.255.255"}) {
    EXPECT_FALSE(is_private_address(address)) << address;
  }
}

}  // namespace
}  // namespace harmonia::net
