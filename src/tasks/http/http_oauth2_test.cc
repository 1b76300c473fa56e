#include "tasks/testing/registry_fixture.h"
#include "tasks/testing/web_site.h"

// Auth of type oauth2 as tasks of component http meet it: one site gives tokens, another wants
// them.
namespace harmonia::tasks {
namespace {

using namespace std::chrono_literals;
using testing::assignment;
using testing::eventually;
using testing::json;
using testing::RegistryFixture;
using testing::Reported;
using testing::WebSite;

class HttpOauth2 : public RegistryFixture {
 protected:
  HttpOauth2() {
    options.http.allow_private_addresses = true;
    options.secrets = {{"CLIENT", "s3cr3t/key"}};
    gives_tokens(3600);
    site.answer = [this](const net::Request& request, net::Respond respond) {
      net::Response response{.status = 401, .headers = {}, .body = "hello"};
      if (request.headers.get("Authorization") == "Bearer " + accepted()) response.status = 200;
      respond(std::move(response));
    };
  }

  // token-1, token-2, ...
  void gives_tokens(int lifetime_seconds) {
    issuer.answer = [this, lifetime_seconds](const net::Request&, net::Respond respond) {
      net::Response response;
      response.headers.set("Content-Type", "application/json");
      response.body = R"({"access_token": "token-)" + std::to_string(issuer.requests().size()) +
                      R"(", "token_type": "bearer", "expires_in": )" +
                      std::to_string(lifetime_seconds) + "}";
      respond(std::move(response));
    };
  }
  void accepts(std::string token) {
    const std::lock_guard lock(mutex);
    accepted_token = std::move(token);
  }
  std::string accepted() {
    const std::lock_guard lock(mutex);
    return accepted_token;
  }

  engine::Assignment asking(std::string_view more_auth = "{}", std::string_view more = "{}") {
    Json auth = json(more_auth);
    JsonObject& members = auth.get_object();
    members["type"] = "oauth2";
    members["token_url"] = json_view(issuer.url("/token"));
    members["client_id"] = "me:1";
    if (!members.contains("client_secret")) members["client_secret"] = "${secret.CLIENT}";
    Json input = json(more);
    input.get_object()["url"] = json_view(site.url("/"));
    input.get_object()["auth"] = std::move(auth);
    auto assigned = assignment("http", "request", std::move(input));
    assigned.secrets = {{.pointer = "/auth/client_secret", .name = "CLIENT"}};
    return assigned;
  }
  Reported ask(std::string_view more_auth = "{}", std::string_view more = "{}") {
    return run(asking(more_auth, more));
  }

  WebSite issuer;
  WebSite site;
  std::mutex mutex;  // guards what follows
  std::string accepted_token = "token-1";
};

TEST_F(HttpOauth2, the_token_is_asked_for_with_the_credentials_and_sent) {
  auto reported = ask(R"({"scope": "read write"})");
  ASSERT_TRUE(reported.ok) << reported.error.detail;
  auto request = issuer.last();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/token");
  EXPECT_EQ(request.headers.get("Content-Type"), "application/x-www-form-urlencoded");
  // me%3A1:s3cr3t%2Fkey
  EXPECT_EQ(request.headers.get("Authorization"), "Basic bWUlM0ExOnMzY3IzdCUyRmtleQ==");
  EXPECT_EQ(request.body, "grant_type=client_credentials&scope=read%20write");
  EXPECT_EQ(site.last().headers.get("Authorization"), "Bearer token-1");
}

TEST_F(HttpOauth2, the_credentials_may_go_in_the_form) {
  EXPECT_TRUE(ask(R"({"send_credentials_in": "body"})").ok);
  EXPECT_FALSE(issuer.last().headers.has("Authorization"));
  EXPECT_EQ(issuer.last().body,
            "grant_type=client_credentials&client_id=me%3A1&client_secret=s3cr3t%2Fkey");
}

TEST_F(HttpOauth2, a_token_is_used_again_until_it_expires) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ask().ok);
  EXPECT_EQ(issuer.requests().size(), 1U);
  EXPECT_EQ(site.requests().size(), 3U);
}

TEST_F(HttpOauth2, shortly_before_a_token_expires_another_is_fetched) {
  gives_tokens(1);
  EXPECT_TRUE(ask().ok);
  accepts("token-2");
  // Its last tenth is not used.
  std::this_thread::sleep_for(910ms);
  EXPECT_TRUE(ask().ok);
  EXPECT_EQ(issuer.requests().size(), 2U);
  EXPECT_EQ(site.requests().size(), 2U);
}

TEST_F(HttpOauth2, other_credentials_get_another_token) {
  EXPECT_TRUE(ask().ok);
  accepts("token-2");
  EXPECT_TRUE(ask(R"({"scope": "other"})").ok);
  accepts("token-3");
  EXPECT_TRUE(ask(R"({"client_secret": "wrong"})").ok);
  EXPECT_EQ(issuer.requests().size(), 3U);
}

TEST_F(HttpOauth2, concurrent_calls_share_one_fetch) {
  auto give = issuer.answer;
  issuer.keeps_silent();
  std::vector<engine::AttemptKey> keys;
  for (int i = 0; i < 50; ++i) keys.push_back(dispatch(asking()));
  ASSERT_TRUE(eventually([&] { return issuer.kept_count() == 1; }));
  registry->cancel(keys.back());
  issuer.answer = give;
  issuer.let_go("application/json", R"({"access_token": "token-1"})");
  EXPECT_TRUE(engine.wait_for_count(49));
  for (int i = 0; i < 49; ++i) EXPECT_TRUE(engine.wait_for(keys[static_cast<std::size_t>(i)]).ok);
  EXPECT_EQ(issuer.requests().size(), 1U);
  EXPECT_EQ(site.requests().size(), 49U);
}

TEST_F(HttpOauth2, a_token_that_is_not_accepted_is_replaced_once) {
  EXPECT_TRUE(ask().ok);
  accepts("token-2");
  auto reported = ask("{}", R"({"method": "POST", "body": "twice"})");
  EXPECT_TRUE(reported.ok) << reported.error.detail;
  EXPECT_EQ(site.last().body, "twice");
  EXPECT_EQ(issuer.requests().size(), 2U);

  accepts("none of them");
  auto refused = ask();
  EXPECT_EQ(refused.error.code, "http_401");
  EXPECT_FALSE(refused.retryable);
  EXPECT_EQ(issuer.requests().size(), 3U);
  EXPECT_EQ(site.requests().size(), 5U);
}

TEST_F(HttpOauth2, credentials_that_are_refused_are_an_error_of_their_own) {
  issuer.answers(401, R"({"error":"invalid_client"})", "application/json");
  auto reported = ask();
  EXPECT_EQ(reported.error.code, "token_refused");
  EXPECT_FALSE(reported.retryable);
  EXPECT_EQ(reported.error.detail, "no access token: POST " + issuer.url("/token") +
                                       " answered 401: {\"error\":\"invalid_client\"}");
  EXPECT_TRUE(site.requests().empty());
  gives_tokens(60);
  accepts("token-2");
  EXPECT_TRUE(ask().ok);
}

TEST_F(HttpOauth2, an_answer_without_a_bearer_token_is_refused_and_not_shown) {
  for (const char* answer :
       {"hidden", "[]", "{}", R"({"access_token": "hid\nden"})", R"({"access_token": ""})",
        R"({"access_token": "hidden", "token_type": "mac"})"}) {
    issuer.answers(200, answer, "application/json");
    auto reported = ask();
    EXPECT_EQ(reported.error.code, "token_refused") << answer;
    EXPECT_EQ(reported.error.detail.find("hid"), std::string::npos) << reported.error.detail;
  }
}

TEST_F(HttpOauth2, a_token_server_that_is_busy_is_asked_again_when_it_says) {
  issuer.answer = [](const net::Request&, net::Respond respond) {
    net::Response response{.status = 503, .headers = {}, .body = {}};
    response.headers.set("Retry-After", "7");
    respond(std::move(response));
  };
  auto reported = ask();
  EXPECT_EQ(reported.error.code, "http_503");
  EXPECT_TRUE(reported.retryable);
  EXPECT_EQ(reported.error.retry_after, 7s);
}

TEST_F(HttpOauth2, a_token_server_that_keeps_failing_is_not_called_any_more) {
  options.http.circuit.failures_min = 3;
  issuer.answers(500, "");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask().error.code, "http_500");
  EXPECT_EQ(ask().error.code, "circuit_open");
  EXPECT_EQ(issuer.requests().size(), 3U);
}

TEST_F(HttpOauth2, secrets_and_tokens_are_not_told) {
  auto echo = [](const net::Request& request, net::Respond respond) {
    net::Response response{.status = 200, .headers = {}, .body = {}};
    if (request.path == "/token" || request.method == "PUT") response.status = 403;
    response.body = "you sent " + std::string(request.headers.get("Authorization"));
    respond(std::move(response));
  };
  site.answer = echo;
  EXPECT_EQ(ask().output.at("body"), "you sent Bearer [secret access_token]");
  auto failed = ask("{}", R"({"method": "PUT"})");
  EXPECT_EQ(failed.error.detail,
            "PUT " + site.url("") + " answered 403: you sent Bearer [secret access_token]");
  issuer.answer = echo;
  auto refused = ask(R"({"scope": "new"})");
  EXPECT_EQ(refused.error.detail, "no access token: POST " + issuer.url("/token") +
                                      " answered 403: you sent Basic [secret authorization]");
  issuer.answers(400, "the secret s3cr3t/key is wrong");
  refused = ask(R"({"scope": "new"})");
  EXPECT_EQ(refused.error.detail, "no access token: POST " + issuer.url("/token") +
                                      " answered 400: the secret [secret CLIENT] is wrong");
}

TEST_F(HttpOauth2, what_can_not_be_asked_is_an_invalid_argument) {
  Json input = json(R"({"url": "http://a/", "auth": {"type": "oauth2", "token_url": "ftp://a/",
                        "client_id": "a", "client_secret": "b"}})");
  EXPECT_EQ(run("http", "request", to_text(input)).error.code, "invalid_argument");
  input.at("auth").get_object().erase("client_secret");
  EXPECT_EQ(run("http", "request", to_text(input)).error.code, "invalid_argument");
  EXPECT_EQ(ask(R"({"send_credentials_in": "a letter"})").error.code, "invalid_argument");
}

TEST_F(HttpOauth2, a_private_token_server_is_refused_unless_allowed) {
  options.http.allow_private_addresses = false;
  EXPECT_EQ(ask().error.code, "refused");
  EXPECT_TRUE(issuer.requests().empty());
}

TEST_F(HttpOauth2, the_time_spent_on_the_token_counts) {
  issuer.keeps_silent();
  auto key = dispatch(asking("{}", R"({"timeout": 0.2})"));
  ASSERT_TRUE(eventually([&] { return issuer.kept_count() == 1; }));
  std::this_thread::sleep_for(210ms);
  issuer.let_go("application/json", R"({"access_token": "token-1"})");
  EXPECT_EQ(engine.wait_for(key).error.code, "timeout");
  EXPECT_TRUE(site.requests().empty());
}

TEST_F(HttpOauth2, stop_ends_what_waits_for_a_token_and_reports_nothing) {
  issuer.keeps_silent();
  for (int i = 0; i < 5; ++i) dispatch(asking());
  ASSERT_TRUE(eventually([&] { return issuer.kept_count() == 1; }));
  auto begin = std::chrono::steady_clock::now();
  registry->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_EQ(engine.report_count(), 0U);
  EXPECT_TRUE(site.requests().empty());
}

}  // namespace
}  // namespace harmonia::tasks
