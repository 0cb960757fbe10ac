#include "outbound/smtp_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace dunlin::outbound {

namespace {

std::string shown(const Result<SmtpServer>& server) {
    if (!server) return server.error().message;
    constexpr const char* securities[] = {"tls", "starttls", "none"};
    return fmt::format("{}:{} {} {}:{}", server->host, server->port,
                       securities[static_cast<int>(server->security)], server->user,
                       server->password);
}

}  // namespace

TEST(SmtpServer, IsReadFromItsUrl) {
    struct Case {
        const char* why;
        const char* url;
        const char* expected;
    };
    const Case cases[] = {
        {"all given", "smtp://ann:pw@mail.example:2525", "mail.example:2525 starttls ann:pw"},
        {"submission by default", "smtp://mail.example", "mail.example:587 starttls :"},
        {"TLS from the start", "smtps://ann:pw@mail.example", "mail.example:465 tls ann:pw"},
        {"percent-encoded", "smtps://ann%40a.b:p%3Aw%2F@mail.example/",
         "mail.example:465 tls ann@a.b:p:w/"},
        {"loopback needs no TLS", "smtp://ann:pw@127.0.0.1:1025", "127.0.0.1:1025 none ann:pw"},
        {"loopback IPv6", "smtp://[::1]:1025", "[::1]:1025 none :"},
        {"in clear when asked", "smtp://relay.lan:25?tls=none", "relay.lan:25 none :"},
        {"a password never in clear", "smtp://ann:pw@relay.lan:25?tls=none",
         "the mail server's password would be sent in clear: use TLS or no user"},
        {"contradiction", "smtps://relay.lan?tls=none",
         "smtps:// and ?tls=none contradict each other"},
        {"other option", "smtp://relay.lan?tls=maybe",
         "the only option of a mail server's URL is ?tls=none"},
        {"other scheme", "http://mail.example",
         "a mail server's URL begins with smtp:// or smtps://"},
        {"path", "smtp://mail.example/inbox", "a mail server's URL has no path"},
        {"port too large", "smtp://mail.example:70000", "the mail server's URL is not a URL"},
        {"no URL", "mail example", "the mail server's URL is not a URL"},
        {"line break", "smtp://mail.example\r\nRSET", "the mail server's URL is not a URL"},
    };
    for (const Case& c : cases) EXPECT_EQ(shown(parse_smtp_url(c.url)), c.expected) << c.why;
}

TEST(SmtpServer, IsCheckedWhenItsPartsWereGivenOneByOne) {
    const SmtpServer good{.host = "mail.example", .user = "ann", .password = "pw"};
    EXPECT_TRUE(good.check());
    SmtpServer other = good;
    other.host = "mail.example/x";
    EXPECT_EQ(other.check().error().message, "the mail server's host is not one");
    other = good;
    other.port = 0;
    EXPECT_EQ(other.check().error().message, "the mail server's port is 0");
    other = good;
    other.user = "";
    EXPECT_EQ(other.check().error().message, "the mail server has a password but no user");
}

}  // namespace dunlin::outbound
