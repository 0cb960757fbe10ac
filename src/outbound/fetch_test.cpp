#include "outbound/fetch.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "outbound/server_fixture.h"
#include "outbound/transfers.h"

namespace dunlin::outbound {

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const AddressGuard anywhere{.private_addresses = PrivateAddresses::Allowed};

/// The status, or the refusal.
std::string shown(const Result<FetchResponse>& response) {
    if (response) return fmt::format("{} {}", response->status, response->body);
    return fmt::format("{} {}", http_status(response.error().code), response.error().message);
}

class FetchTest : public testing::Test {
protected:
    std::string get(const std::string& url, FetchLimits limits = {},
                    AddressGuard guard = anywhere) {
        return shown(fetch({.url = url}, limits, std::move(guard)));
    }
    Result<FetchResponse> fetch(FetchRequest request, FetchLimits limits = {},
                                AddressGuard guard = anywhere) {
        Fetcher fetcher(*transfers_, std::move(guard));
        return await(fetcher.fetch(std::move(request), limits));
    }

    std::unique_ptr<Transfers> transfers_ = Transfers::open().value();
};

std::string echo(const std::string& request) {
    return http_answer("200 OK", request, "X-Answer: yes\r\nX-Answer: again\r\nX-Empty:\r\n");
}

}  // namespace

TEST_F(FetchTest, SendsTheRequestAndBringsTheAnswer) {
    const HttpFixture server(echo);
    const auto response = fetch({.method = "POST",
                                 .url = server.url("/token?x=1"),
                                 .headers = {{"Accept", "application/json"}, {"X-None", ""}},
                                 .body = std::string("a=1&b=\0", 7)});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->header("x-answer"), "yes");
    EXPECT_EQ(response->header("x-empty"), "");
    EXPECT_EQ(response->header("x-missing"), "");
    EXPECT_TRUE(response->body.starts_with("POST /token?x=1 HTTP/1.1\r\n")) << response->body;
    EXPECT_THAT(response->body, HasSubstr("User-Agent: dunlin\r\n"));
    EXPECT_THAT(response->body, HasSubstr("Accept: application/json\r\n"));
    EXPECT_THAT(response->body, HasSubstr("X-None:\r\n"));
    EXPECT_THAT(response->body, Not(HasSubstr("Expect:")));
    EXPECT_TRUE(response->body.ends_with(std::string("\r\n\r\na=1&b=\0", 11)));
}

TEST_F(FetchTest, AnyStatusIsAnAnswer) {
    const HttpFixture server([](const std::string& request) {
        return request.starts_with("HEAD") ? http_answer("204 No Content", "")
                                           : http_answer("418 I'm a teapot", "short");
    });
    EXPECT_EQ(get(server.url("/")), "418 short");
    EXPECT_EQ(shown(fetch({.method = "HEAD", .url = server.url("/")})), "204 ");
    EXPECT_EQ(shown(fetch({.method = "DELETE", .url = server.url("/")})), "418 short");
}

TEST_F(FetchTest, RefusesWhatIsNoRequest) {
    struct Case {
        const char* why;
        FetchRequest request;
        const char* expected;
    };
    const Case cases[] = {
        {"no URL", {.url = "not a url"}, "400 this is not a URL"},
        {"empty", {.url = ""}, "400 this is not a URL"},
        {"file",
         {.url = "file:///etc/passwd"},
         "400 only http and https URLs can be asked for, not \"file\""},
        {"gopher",
         {.url = "gopher://127.0.0.1:25/x"},
         "400 only http and https URLs can be asked for, not \"gopher\""},
        {"password",
         {.url = "http://ann:pw@example.com/"},
         "400 a URL must not hold a user name or password"},
        {"line break in the URL",
         {.url = "http://example.com/\r\nHost: x"},
         "400 this is not a URL"},
        {"line break in a header",
         {.url = "http://a.b/", .headers = {{"A", "b\r\nC: d"}}},
         "400 the header A holds a control character"},
        {"colon in a header's name",
         {.url = "http://a.b/", .headers = {{"A: b\r\nC", "d"}}},
         "400 this is not a header's name"},
        {"method",
         {.method = "GET / HTTP/1.1\r\n", .url = "http://a.b/"},
         "400 this is not an HTTP method"},
        {"long", {.url = "http://a.b/" + std::string(9000, 'x')}, "400 the URL is too long"},
    };
    for (const Case& c : cases) EXPECT_EQ(shown(fetch(c.request)), c.expected) << c.why;
}

TEST_F(FetchTest, GoesToNoPrivateAddressUnlessToldSo) {
    const HttpFixture server([](const std::string&) { return http_answer("200 OK", "secret"); });
    struct Case {
        const char* why;
        std::string host;
        AddressGuard guard;
        const char* expected;
    };
    const Case cases[] = {
        {"dotted", "127.0.0.1", {}, "403 127.0.0.1 is at a private or reserved address"},
        {"by name", "localhost", {}, "403 localhost is at a private or reserved address"},
        {"as a number", "2130706433", {}, "403 127.0.0.1 is at a private or reserved address"},
        {"in octal", "0177.0.0.1", {}, "403 127.0.0.1 is at a private or reserved address"},
        {"any address", "0.0.0.0", {}, "403 0.0.0.0 is at a private or reserved address"},
        {"mapped",
         "[::ffff:127.0.0.1]",
         {},
         "403 [::ffff:127.0.0.1] is at a private or reserved address"},
        {"trusted by name", "localhost", {.trusted_hosts = {"localhost"}}, "200 secret"},
        {"another is trusted",
         "127.0.0.1",
         {.trusted_hosts = {"localhost"}},
         "403 127.0.0.1 is at a private or reserved address"},
        {"development", "127.0.0.1", anywhere, "200 secret"},
    };
    for (const Case& c : cases) {
        const std::string url = fmt::format("http://{}:{}/", c.host, server.port());
        EXPECT_EQ(get(url, {}, c.guard), c.expected) << c.why;
    }
}

TEST_F(FetchTest, AnOpenConnectionDoesNotServeWhoCouldNotHaveOpenedIt) {
    const HttpFixture server([](const std::string&) {
        return std::string("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret");
    });
    EXPECT_EQ(get(server.url("/"), {}, anywhere), "200 secret");
    EXPECT_EQ(get(server.url("/"), {}, {}), "403 127.0.0.1 is at a private or reserved address");
}

TEST_F(FetchTest, StopsAtTheLimits) {
    const HttpFixture server([](const std::string& request) -> std::string {
        if (request.starts_with("GET /silent")) return "";
        if (request.starts_with("GET /head")) {
            return http_answer("200 OK", "", "X: " + std::string(80'000, 'x') + "\r\n");
        }
        return http_answer("200 OK", std::string(2000, 'x'));
    });
    EXPECT_EQ(get(server.url("/silent"), {.time_max = 50ms}),
              "503 127.0.0.1 did not answer in time");
    EXPECT_EQ(get(server.url("/large"), {.body_bytes_max = 1999}),
              "503 the answer of 127.0.0.1 is larger than 1999 bytes");
    EXPECT_EQ(get(server.url("/large"), {.body_bytes_max = 2000}).size(), 2004u);
    EXPECT_EQ(get(server.url("/head")), "503 the answer of 127.0.0.1 is larger than 65536 bytes");
}

TEST_F(FetchTest, FollowsRedirectsOnlyWhenAsked) {
    std::string seen;
    const HttpFixture other([&](const std::string& request) {
        seen = request;
        return http_answer("200 OK", "there");
    });
    const HttpFixture server([&](const std::string& request) {
        if (request.starts_with("GET /loop")) {
            return http_answer("302 Found", "", "Location: /loop\r\n");
        }
        if (request.starts_with("GET /file")) {
            return http_answer("302 Found", "", "Location: file:///etc/passwd\r\n");
        }
        return http_answer("307 Temporary Redirect", "away",
                           fmt::format("Location: {}\r\n", other.url("/x")));
    });
    EXPECT_EQ(get(server.url("/")), "307 away");
    EXPECT_EQ(get(server.url("/"), {.redirects_max = 1}), "200 there");
    EXPECT_EQ(get(server.url("/loop"), {.redirects_max = 3}),
              "503 127.0.0.1 redirects more than 3 times");
    EXPECT_EQ(get(server.url("/file"), {.redirects_max = 3}),
              "400 only http and https URLs can be asked for, not \"file\"");
    EXPECT_EQ(shown(fetch({.method = "POST", .url = server.url("/")}, {.redirects_max = 1})),
              "307 away")
        << "a body is not sent twice";
    EXPECT_EQ(shown(fetch({.url = server.url("/"), .headers = {{"Authorization", "Bearer secret"}}},
                          {.redirects_max = 1})),
              "200 there");
    EXPECT_THAT(seen, Not(HasSubstr("secret"))) << "another port is another origin";
}

TEST_F(FetchTest, ARedirectIsJudgedAsAnyOther) {
    const HttpFixture inner([](const std::string&) { return http_answer("200 OK", "secret"); });
    const HttpFixture server([&](const std::string&) {
        return http_answer("302 Found", "", fmt::format("Location: {}\r\n", inner.url("/")));
    });
    const std::string url = fmt::format("http://localhost:{}/", server.port());
    EXPECT_EQ(get(url, {.redirects_max = 1}, {.trusted_hosts = {"localhost"}}),
              "403 127.0.0.1 is at a private or reserved address");
}

TEST_F(FetchTest, SaysWhyThereIsNoConnection) {
    const std::string closed = [] {
        const HttpFixture gone(echo);
        return gone.url("/");
    }();
    EXPECT_EQ(get(closed), "503 cannot connect to 127.0.0.1");
    EXPECT_EQ(get("http://no-such-host.invalid/"), "503 there is no host no-such-host.invalid");
    const SmtpFixture plain;
    EXPECT_EQ(get(fmt::format("https://127.0.0.1:{}/", plain.port())),
              "503 127.0.0.1 does not speak TLS as it must");
}

TEST_F(FetchTest, StoppingEndsWhatIsUnderWay) {
    std::promise<void> asked;
    const HttpFixture server([&](const std::string&) {
        asked.set_value();
        return std::string();
    });
    auto answer = std::async(std::launch::async, [&] { return get(server.url("/")); });
    asked.get_future().wait();
    transfers_->stop();
    EXPECT_EQ(answer.get(), "503 the server is shutting down");
    EXPECT_EQ(get(server.url("/")), "503 the server is shutting down");
}

TEST_F(FetchTest, AFullQueueRefuses) {
    transfers_ = Transfers::open({.transfers_max = 1, .queue_max = 0}).value();
    EXPECT_EQ(get("http://127.0.0.1:1/"), "503 too many requests to other servers are waiting");
}

TEST_F(FetchTest, ManyAtOnceAllEnd) {
    transfers_ = Transfers::open({.transfers_max = 4, .queue_max = 100}).value();
    const HttpFixture server(echo);
    std::vector<std::future<std::string>> answers;
    for (int i = 0; i < 40; ++i) {
        answers.push_back(std::async(std::launch::async, [&] { return get(server.url("/")); }));
    }
    for (auto& answer : answers) EXPECT_TRUE(answer.get().starts_with("200 "));
}

}  // namespace dunlin::outbound
