#include "outbound/mailer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "outbound/server_fixture.h"
#include "outbound/transfers.h"

namespace dunlin::outbound {

namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

const SystemClock system_clock;

Mail honest_mail() {
    return {.from = "no-reply@clinic.example",
            .to = "ann@example.com",
            .subject = "Hello",
            .text = "First line\n.a line with a dot\n.\nlast line"};
}

class MailerTest : public testing::Test {
protected:
    /// "" or the refusal.
    std::string send(std::uint16_t port, Mail mail = honest_mail(), std::string user = "") {
        MailerSettings settings{.server = {.host = "127.0.0.1",
                                           .port = port,
                                           .security = SmtpSecurity::None,
                                           .user = user,
                                           .password = user.empty() ? "" : "pw"},
                                .time_max = 5s,
                                .retry_delay = 1ms};
        const auto mailer = Mailer::make(*transfers_, system_clock, settings).value();
        const auto sent = await(mailer.send_mail(std::move(mail)));
        return sent ? "" : sent.error().message;
    }

    std::unique_ptr<Transfers> transfers_ = Transfers::open().value();
};

}  // namespace

TEST_F(MailerTest, HandsTheMessageToTheServer) {
    const SmtpFixture server;
    EXPECT_EQ(send(server.port()), "");
    EXPECT_THAT(server.commands(), Contains("MAIL FROM:<no-reply@clinic.example>"));
    EXPECT_THAT(server.commands(), Contains("RCPT TO:<ann@example.com>"));
    const auto messages = server.messages();
    ASSERT_THAT(messages, SizeIs(1));
    EXPECT_THAT(messages[0], HasSubstr("Subject: Hello\r\n"));
    EXPECT_THAT(messages[0], HasSubstr("First line\r\n..a line with a dot\r\n..\r\nlast line"))
        << "dots are doubled: RFC 5321 section 4.5.2";
}

TEST_F(MailerTest, SignsInWhenTheServerHasAUser) {
    const SmtpFixture server;
    EXPECT_EQ(send(server.port(), honest_mail(), "ann"), "");
    EXPECT_THAT(server.commands(), Contains(StartsWith("AUTH PLAIN")));
}

TEST_F(MailerTest, TriesAgainAfterARefusalForNow) {
    struct Case {
        const char* why;
        SmtpFixture::Replies replies;
        std::string expected;
        std::size_t messages;
    };
    const std::string refused = "the mail server 127.0.0.1 refused the message with ";
    const Case cases[] = {
        {"greylisted once", {{"RCPT", {"450 later"}}}, "", 1},
        {"twice", {{"RCPT", {"450 later", "451 later"}}}, "", 1},
        {"three times", {{"RCPT", {"450 a", "450 b", "450 c"}}}, refused + "450", 0},
        {"busy at the greeting", {{"", {"421 busy"}}}, "", 1},
        {"after the message", {{".", {"452 full"}}}, "", 2},
        {"for good", {{"RCPT", {"550 no such user"}}}, refused + "550", 0},
        {"sender for good", {{"MAIL", {"553 not you"}}}, refused + "553", 0},
        {"message for good", {{".", {"554 spam"}}}, refused + "554", 1},
    };
    for (const Case& c : cases) {
        const SmtpFixture server(c.replies);
        EXPECT_EQ(send(server.port()), c.expected) << c.why;
        EXPECT_THAT(server.messages(), SizeIs(c.messages)) << c.why;
    }
}

TEST_F(MailerTest, SaysWhatIsWrong) {
    const SmtpFixture strict({{"AUTH", {"535 no"}}});
    EXPECT_EQ(send(strict.port(), honest_mail(), "ann"),
              "the mail server 127.0.0.1 does not take the user and password");
    const std::uint16_t closed = [] { return SmtpFixture().port(); }();
    EXPECT_EQ(send(closed), "cannot connect to 127.0.0.1");
    Mail two = honest_mail();
    two.subject = "Hello\r\nBcc: eve@evil.example";
    const SmtpFixture server;
    EXPECT_EQ(send(server.port(), two), "the subject holds a control character");
    EXPECT_THAT(server.commands(), SizeIs(0));
}

TEST_F(MailerTest, SendsNothingInClearWhenTlsIsAskedFor) {
    const SmtpFixture server;
    const MailerSettings settings{
        .server = {.host = "127.0.0.1", .port = server.port(), .user = "ann", .password = "pw"},
        .time_max = 5s};
    const auto mailer = Mailer::make(*transfers_, system_clock, settings).value();
    const auto sent = await(mailer.send_mail(honest_mail()));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().message, "127.0.0.1 does not speak TLS as it must");
    for (const std::string& command : server.commands()) {
        EXPECT_TRUE(command.starts_with("EHLO") || command == "QUIT") << command;
    }
}

}  // namespace dunlin::outbound
