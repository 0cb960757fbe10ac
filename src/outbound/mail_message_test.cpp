#include "outbound/mail_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/limits.h"

namespace dunlin::outbound {

namespace {

using testing::HasSubstr;
using testing::Not;

Mail honest_mail() {
    return {.from = "no-reply@clinic.example",
            .from_name = "Clinic",
            .to = "ann@example.com",
            .subject = "Confirm your address",
            .text = "Open https://clinic.example/verify?token=abc\n",
            .html = "<p>Grüße</p>"};
}

const MessageStamp stamp{.time_s = 1'795'282'648, .unique = "u1"};  // 2026-11-21 17:37:28

}  // namespace

TEST(MailMessage, HasBothBodiesAndEveryHeader) {
    EXPECT_EQ(build_message(honest_mail(), stamp).value(),
              "Date: Sat, 21 Nov 2026 17:37:28 +0000\r\n"
              "From: \"Clinic\"\r\n <no-reply@clinic.example>\r\n"
              "To: ann@example.com\r\n"
              "Message-ID: <u1@clinic.example>\r\n"
              "Subject: Confirm your address\r\n"
              "Auto-Submitted: auto-generated\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Type: multipart/alternative; boundary=\"=_u1\"\r\n"
              "\r\n"
              "--=_u1\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: quoted-printable\r\n"
              "\r\n"
              "Open https://clinic.example/verify?token=3Dabc\r\n"
              "\r\n--=_u1\r\n"
              "Content-Type: text/html; charset=utf-8\r\n"
              "Content-Transfer-Encoding: quoted-printable\r\n"
              "\r\n"
              "<p>Gr=C3=BC=C3=9Fe</p>"
              "\r\n--=_u1--\r\n");
}

TEST(MailMessage, OneBodyNeedsNoParts) {
    Mail mail = honest_mail();
    mail.html = "";
    mail.from_name = "";
    const std::string message = build_message(mail, stamp).value();
    EXPECT_THAT(message, HasSubstr("Content-Type: text/plain"));
    EXPECT_THAT(message, HasSubstr("From: no-reply@clinic.example\r\n"));
    EXPECT_THAT(message, Not(HasSubstr("multipart")));
}

TEST(MailMessage, RefusesWhatWouldBecomeAnotherHeaderOrMessage) {
    struct Case {
        const char* why;
        void (*spoil)(Mail&);
        const char* expected;
    };
    const Case cases[] = {
        {"CRLF in the subject", [](Mail& m) { m.subject = "Hi\r\nBcc: eve@evil.example"; },
         "the subject holds a control character"},
        {"bare LF in the subject", [](Mail& m) { m.subject = "Hi\nBcc: x"; },
         "the subject holds a control character"},
        {"NUL in the subject", [](Mail& m) { m.subject = std::string("a\0b", 3); },
         "the subject holds a control character"},
        {"CRLF in the name", [](Mail& m) { m.from_name = "A\r\nTo: eve@evil.example"; },
         "the sender's name holds a control character"},
        {"CRLF in the recipient", [](Mail& m) { m.to = "ann@example.com\r\nRCPT TO:<e@e.ex>"; },
         "this is not a mail address"},
        {"two recipients", [](Mail& m) { m.to = "ann@example.com,eve@evil.example"; },
         "this is not a mail address"},
        {"angle bracket in the sender", [](Mail& m) { m.from = "a@b.c>"; },
         "this is not a mail address"},
        {"no text at all", [](Mail& m) { m.text = m.html = ""; }, "the message is empty"},
        {"huge", [](Mail& m) { m.text.assign(limits::mail_bytes_max, 'x'); },
         "the message is larger than 1048576 bytes"},
        {"huge subject", [](Mail& m) { m.subject.assign(999, 'x'); },
         "the subject is longer than 998 bytes"},
    };
    for (const Case& c : cases) {
        Mail mail = honest_mail();
        c.spoil(mail);
        const auto message = build_message(mail, stamp);
        ASSERT_FALSE(message) << c.why;
        EXPECT_EQ(message.error().code, ErrorCode::InvalidInput) << c.why;
        EXPECT_EQ(message.error().message, c.expected) << c.why;
    }
}

TEST(MailMessage, KnowsAnAddress) {
    struct Case {
        const char* why;
        std::string address;
        bool expected;
    };
    const Case cases[] = {
        {"usual", "ann@example.com", true},
        {"tag", "ann+tag@example.com", true},
        {"apostrophe", "o'neil@example.com", true},
        {"host without dots", "ann@localhost", true},
        {"no at", "example.com", false},
        {"no local part", "@example.com", false},
        {"no domain", "ann@", false},
        {"two ats", "ann@b@example.com", false},
        {"space", "ann b@example.com", false},
        {"quoted local part", "\"ann b\"@example.com", false},
        {"dot first", ".ann@example.com", false},
        {"dots in a row", "a..b@example.com", false},
        {"domain with dots in a row", "a@b..c", false},
        {"domain literal", "a@[127.0.0.1]", false},
        {"beyond ASCII", "zoë@example.com", false},
        {"option of a mail server", "-oX@example.com", true},
        {"too long", std::string(60, 'a') + "@" + std::string(200, 'b'), false},
        {"local part too long", std::string(65, 'a') + "@b.c", false},
        {"empty", "", false},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(check_mail_address(c.address).has_value(), c.expected) << c.why;
    }
}

}  // namespace dunlin::outbound
