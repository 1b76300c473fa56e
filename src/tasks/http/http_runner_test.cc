#include "tasks/http/http_runner.h"

#include <ctime>

#include "tasks/testing/registry_fixture.h"
#include "tasks/testing/web_site.h"

namespace harmonia::tasks {
namespace {

using namespace std::chrono_literals;
using testing::assignment;
using testing::eventually;
using testing::json;
using testing::RegistryFixture;
using testing::Reported;
using testing::WebSite;

class Http : public RegistryFixture {
 protected:
  Http() { options.http.allow_private_addresses = true; }

  // A request to the site, with these further members of the input.
  engine::Assignment asking(std::string_view more = "{}", const std::string& target = "/") {
    Json input = json(more);
    input.get_object()["url"] = json_view(site.url(target));
    return assignment("http", "request", std::move(input));
  }
  Reported ask(std::string_view more = "{}", const std::string& target = "/") {
    return run(asking(more, target));
  }
  std::string header(std::string_view name) { return std::string(site.last().headers.get(name)); }

  WebSite site;
};

TEST_F(Http, the_output_is_status_headers_body_time_and_url) {
  site.answer = [](const net::Request&, net::Respond respond) {
    net::Response response{.status = 201, .headers = {}, .body = "hello"};
    response.headers.set("Content-Type", "text/plain");
    response.headers.set("X-Two", "a");
    response.headers.add("X-Two", "b");
    response.headers.add("Set-Cookie", "a=1, 2");
    response.headers.add("Set-Cookie", "b=2");
    respond(std::move(response));
  };
  auto reported = ask("{}", "/path?q=1");
  ASSERT_TRUE(reported.ok) << reported.error.detail;
  const JsonObject& output = reported.output.get_object();
  EXPECT_EQ(output.at("status"), 201);
  EXPECT_EQ(output.at("body"), "hello");
  EXPECT_EQ(output.at("headers").at("x-two"), "a, b");
  EXPECT_EQ(to_text(output.at("headers").at("set-cookie")), R"(["a=1, 2","b=2"])");
  EXPECT_EQ(text_view(output.at("url").get_string()), site.url("/path?q=1"));
  EXPECT_TRUE(output.at("elapsed_ms").is_int64());
  EXPECT_EQ(site.last().method, "GET");
}

TEST_F(Http, json_is_parsed_where_the_answer_says_it_is_json) {
  site.answers(200, R"({"a": [1]})", "application/problem+json; charset=utf-8");
  EXPECT_EQ(to_text(ask().output.at("body")), R"({"a":[1]})");
}

TEST_F(Http, text_that_looks_like_json_stays_text) {
  site.answers(200, R"({"a": 1})", "text/plain");
  EXPECT_EQ(ask().output.at("body"), R"({"a": 1})");
}

TEST_F(Http, json_that_is_none_stays_text) {
  site.answers(200, "<html>", "application/json");
  EXPECT_EQ(ask().output.at("body"), "<html>");
}

TEST_F(Http, an_empty_json_body_is_null) {
  site.answers(200, "", "application/json");
  EXPECT_TRUE(ask().output.at("body").is_null());
}

TEST_F(Http, a_body_that_is_not_utf8_is_base64) {
  site.answers(200, "\xff\x01", "application/octet-stream");
  auto reported = ask();
  EXPECT_EQ(reported.output.at("body"), "/wE=");
  EXPECT_EQ(reported.output.at("body_encoding"), "base64");
}

TEST_F(Http, a_large_body_arrives_whole) {
  std::string large = "[" + std::string(1'000'000, ' ') + "1]";
  site.answers(200, large, "application/json");
  EXPECT_EQ(to_text(ask().output.at("body")), "[1]");
}

TEST_F(Http, query_is_encoded_and_added_to_the_url) {
  ask(R"({"query": {"a b": "c&d", "list": [1, true, null, "x"], "none": null}})",
      "/p?first=1#part");
  EXPECT_EQ(site.last().target, "/p?first=1&a%20b=c%26d&list=1&list=true&list=x");
}

TEST_F(Http, a_value_is_sent_as_json) {
  ask(R"({"method": "post", "body": {"a": 1.5}})");
  EXPECT_EQ(site.last().method, "POST");
  EXPECT_EQ(site.last().body, R"({"a":1.5})");
  EXPECT_EQ(header("Content-Type"), "application/json");
}

TEST_F(Http, a_string_is_sent_as_it_is) {
  ask(R"({"method": "POST", "body": "{}"})");
  EXPECT_EQ(site.last().body, "{}");
  EXPECT_EQ(header("Content-Type"), "text/plain; charset=utf-8");
  ask(R"({"method": "POST", "body": "<a/>", "headers": {"content-type": "application/xml"}})");
  EXPECT_EQ(site.last().body, "<a/>");
  EXPECT_EQ(header("Content-Type"), "application/xml");
}

TEST_F(Http, a_form_is_urlencoded) {
  ask(R"({"method": "POST", "form": {"a": "b c", "d": [1, 2]}})");
  EXPECT_EQ(site.last().body, "a=b%20c&d=1&d=2");
  EXPECT_EQ(header("Content-Type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(ask(R"({"method": "POST", "form": {}, "body": 1})").error.code, "invalid_argument");
}

TEST_F(Http, auth_is_basic_bearer_or_an_api_key) {
  ask(R"({"auth": {"type": "basic", "username": "Aladdin", "password": "open sesame"}})");
  EXPECT_EQ(header("Authorization"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  ask(R"({"auth": {"type": "bearer", "token": "t"}})");
  EXPECT_EQ(header("Authorization"), "Bearer t");
  ask(R"({"auth": {"type": "api_key", "name": "X-Key", "value": "k"}})");
  EXPECT_EQ(header("X-Key"), "k");
  ask(R"({"auth": {"type": "api_key", "name": "key", "value": "k&", "in": "query"}})");
  EXPECT_EQ(site.last().target, "/?key=k%26");
  EXPECT_EQ(ask(R"({"auth": {"type": "basic", "username": "a"}})").error.code, "invalid_argument");
  EXPECT_EQ(ask(R"({"auth": {"type": "magic"}})").error.code, "invalid_argument");
}

TEST_F(Http, changing_methods_carry_the_idempotency_key) {
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
    auto assigned = asking(R"({"method": ")" + std::string(method) + R"("})");
    run(assigned);
    EXPECT_EQ(header("Idempotency-Key"), to_string(assigned.key.execution) + "/process[3]/charge")
        << method;
  }
  ask();
  EXPECT_EQ(header("Idempotency-Key"), "");
  ask(R"({"method": "POST", "headers": {"idempotency-key": "mine"}})");
  EXPECT_EQ(header("Idempotency-Key"), "mine");
}

TEST_F(Http, trace_and_request_id_of_the_context_go_along) {
  auto assigned = asking();
  assigned.context = share(json(R"({"traceparent": "00-1-2-01", "request_id": "r1"})"));
  run(assigned);
  EXPECT_EQ(header("traceparent"), "00-1-2-01");
  EXPECT_EQ(header("X-Request-ID"), "r1");
}

TEST_F(Http, an_unexpected_status_is_a_failure_with_its_code) {
  site.answers(404, "no\nsuch thing");
  auto reported = ask(R"({"query": {"token": "hidden"}})", "/thing");
  EXPECT_EQ(reported.error.code, "http_404");
  EXPECT_FALSE(reported.retryable);
  EXPECT_EQ(reported.error.detail, "GET " + site.url("/thing") + " answered 404: no such thing");
}

TEST_F(Http, passing_statuses_are_retryable_and_others_are_not) {
  for (int status : {408, 425, 429, 500, 502, 503, 504}) {
    site.answers(status, "");
    EXPECT_TRUE(ask().retryable) << status;
  }
  for (int status : {400, 401, 403, 404, 409, 422}) {
    site.answers(status, "");
    EXPECT_FALSE(ask().retryable) << status;
  }
}

TEST_F(Http, retry_after_is_passed_on) {
  std::string value = "7";
  site.answer = [&value](const net::Request&, net::Respond respond) {
    net::Response response{.status = 503, .headers = {}, .body = {}};
    response.headers.set("Retry-After", value);
    respond(std::move(response));
  };
  EXPECT_EQ(ask().error.retry_after, 7s);
  value = "Fri, 06 Nov 2099 08:49:37 GMT";
  EXPECT_EQ(ask().error.retry_after, 24h);
  value = "soon";
  EXPECT_EQ(ask().error.retry_after, std::nullopt);
}

TEST_F(Http, retry_after_may_be_a_date_and_come_with_any_status) {
  std::time_t in_an_hour =
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()) + 3600;
  std::tm parts{};
  gmtime_r(&in_an_hour, &parts);
  std::string date(40, '\0');
  date.resize(std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
  site.answer = [date](const net::Request& request, net::Respond respond) {
    net::Response response{.status = request.path == "/429" ? 429 : 401, .headers = {}, .body = {}};
    response.headers.set("Retry-After", date);
    respond(std::move(response));
  };
  for (const char* target : {"/429", "/401"}) {
    auto reported = ask("{}", target);
    EXPECT_EQ("/" + reported.error.code.substr(5), target);
    ASSERT_TRUE(reported.error.retry_after.has_value()) << target;
    EXPECT_LE(*reported.error.retry_after, 3600s) << target;
    EXPECT_GT(*reported.error.retry_after, 3500s) << target;
  }
}

TEST_F(Http, the_input_says_which_statuses_are_expected) {
  site.answers(404, "gone");
  EXPECT_TRUE(ask(R"({"expect": ["2xx", 404]})").ok);
  EXPECT_TRUE(ask(R"({"expect": ["404"]})").ok);
  EXPECT_TRUE(ask(R"({"expect": ["4xx"]})").ok);
  EXPECT_EQ(ask(R"({"expect": ["5xx"]})").error.code, "http_404");
  EXPECT_EQ(ask(R"({"expect": ["good"]})").error.code, "invalid_argument");
  site.answers(200, "");
  EXPECT_EQ(ask(R"({"expect": [404]})").error.code, "http_200");
}

TEST_F(Http, redirects_are_followed_unless_told_otherwise) {
  site.answer = [](const net::Request& request, net::Respond respond) {
    net::Response response;
    if (request.path == "/old") {
      response.status = 302;
      response.headers.set("Location", "/new");
    }
    response.body = request.path;
    respond(std::move(response));
  };
  auto followed = ask("{}", "/old");
  EXPECT_EQ(followed.output.at("body"), "/new");
  EXPECT_EQ(text_view(followed.output.at("url").get_string()), site.url("/new"));
  EXPECT_EQ(ask(R"({"follow_redirects": false})", "/old").error.code, "http_302");
  EXPECT_TRUE(ask(R"({"follow_redirects": false, "expect": ["3xx"]})", "/old").ok);
}

TEST_F(Http, a_slow_answer_is_a_timeout) {
  site.keeps_silent();
  auto reported = ask(R"({"timeout": 0.2})");
  EXPECT_EQ(reported.error.code, "timeout");
  EXPECT_TRUE(reported.retryable);
  site.let_go();
}

TEST_F(Http, the_deadline_bounds_the_time) {
  site.keeps_silent();
  auto assigned = asking(R"({"timeout": 60})");
  auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  assigned.deadline = now + 200ms;
  EXPECT_EQ(run(assigned).error.code, "timeout");
  auto late = asking();
  late.deadline = now - 1s;
  EXPECT_EQ(run(late).error.code, "timeout");
  site.let_go();
}

TEST_F(Http, no_connection_is_retryable) {
  auto reported = run("http", "request", R"({"url": "http://127.0.0.1:1/"})");
  EXPECT_EQ(reported.error.code, "connection");
  EXPECT_TRUE(reported.retryable);
}

TEST_F(Http, a_private_address_is_refused_and_says_what_allows_it) {
  options.http.allow_private_addresses = false;
  auto reported = ask();
  EXPECT_EQ(reported.error.code, "refused");
  EXPECT_FALSE(reported.retryable);
  EXPECT_NE(reported.error.detail.find("--allow-private-addresses"), std::string::npos);
  EXPECT_NE(reported.error.detail.find("HARMONIA_ALLOW_PRIVATE_ADDRESSES"), std::string::npos);
  EXPECT_TRUE(site.requests().empty());
}

TEST_F(Http, what_can_not_be_sent_is_an_invalid_argument) {
  for (const char* input :
       {R"({"url": "ftp://example.com"})", R"({"url": "not a url"})", R"({"url": 5})", "{}",
        R"({"url": "http://a/", "method": "G T"})", R"({"url": "http://a/", "headrs": {}})",
        R"({"url": "http://a/", "headers": {"X": "a\nb"}})",
        R"({"url": "http://a/", "timeout": 0})"}) {
    auto reported = run("http", "request", input);
    EXPECT_EQ(reported.error.code, "invalid_argument") << input;
    EXPECT_FALSE(reported.retryable) << input;
  }
}

TEST_F(Http, an_answer_beyond_the_bound_is_too_large) {
  site.answers(200, std::string(2000, 'x'));
  auto reported = ask(R"({"response_size_max": 1000})");
  EXPECT_EQ(reported.error.code, "payload_too_large");
  EXPECT_FALSE(reported.retryable);
  options.http.response_size_max = 500;
  registry.reset();
  EXPECT_EQ(ask(R"({"response_size_max": 5000})").error.code, "payload_too_large");
}

TEST_F(Http, a_cancel_ends_the_request_and_nothing_is_reported) {
  site.keeps_silent();
  auto key = dispatch(asking());
  ASSERT_TRUE(eventually([&] { return site.kept_count() == 1; }));
  registry->cancel(key);
  site.let_go();
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(engine.report_count(), 0U);
}

TEST_F(Http, an_attempt_handed_out_again_after_a_cancel_is_another_request) {
  for (int i = 0; i < 20; ++i) {
    site.keeps_silent();
    auto assigned = asking();
    dispatch(assigned);
    ASSERT_TRUE(eventually([&] { return site.kept_count() == 1; }));
    registry->cancel(assigned.key);
    dispatch(assigned);
    ASSERT_TRUE(eventually([&] { return site.kept_count() == 2; }));
    site.let_go();
    auto reported = engine.wait_for(assigned.key);
    ASSERT_TRUE(reported.ok) << reported.error.detail;
  }
}

TEST_F(Http, stop_waits_for_requests_and_reports_nothing) {
  site.keeps_silent();
  for (int i = 0; i < 5; ++i) dispatch(asking());
  ASSERT_TRUE(eventually([&] { return site.kept_count() == 5; }));
  registry->stop();
  EXPECT_EQ(engine.report_count(), 0U);
}

TEST_F(Http, many_requests_at_once_all_end) {
  site.answers(200, "x");
  for (int i = 0; i < 300; ++i) dispatch(asking());
  EXPECT_TRUE(engine.wait_for_count(300));
  EXPECT_EQ(site.requests().size(), 300U);
}

TEST_F(Http, secrets_are_sent_and_not_told) {
  options.secrets = {{"TOKEN", "s3cr3t/key"}};
  site.answer = [](const net::Request& request, net::Respond respond) {
    net::Response response{.status = request.path == "/bad" ? 400 : 200, .headers = {}, .body = {}};
    response.body = "you sent " + std::string(request.headers.get("X-Key"));
    respond(std::move(response));
  };
  std::string_view more = R"({"headers": {"X-Key": "${secret.TOKEN}"},
                              "query": {"k": "${secret.TOKEN}"}})";
  auto failed = ask(more, "/bad");
  EXPECT_EQ(header("X-Key"), "s3cr3t/key");
  EXPECT_EQ(failed.error.detail,
            "GET " + site.url("/bad") + " answered 400: you sent [secret TOKEN]");
  EXPECT_EQ(to_text(ask(more).output).find("s3cr3t"), std::string::npos);
}

TEST_F(Http, the_header_made_of_a_password_is_not_told) {
  site.answer = [](const net::Request& request, net::Respond respond) {
    net::Response response;
    response.body = "you sent " + std::string(request.headers.get("Authorization"));
    respond(std::move(response));
  };
  auto reported =
      ask(R"({"auth": {"type": "basic", "username": "Aladdin", "password": "open sesame"}})");
  EXPECT_EQ(reported.output.at("body"), "you sent Basic [secret authorization]");
}

}  // namespace
}  // namespace harmonia::tasks
