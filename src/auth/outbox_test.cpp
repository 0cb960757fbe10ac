#include "auth/outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "auth/auth_fixture.h"
#include "core/limits.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

using testing::HasSubstr;
using testing::Not;

json::array messages_of(const Outbox& outbox, std::string_view to = "") {
    return json::parse(outbox.json(to)).as_object().at("messages").as_array();
}

}  // namespace

TEST(Outbox, KeepsMailAndTextMessagesNewestFirst) {
    FixtureClock clock;
    Outbox outbox(clock);
    EXPECT_EQ(outbox.json(), R"({"messages":[]})");
    EXPECT_THAT(outbox.page(), HasSubstr("None yet."));
    outbox.add({.to = "ann@example.com", .subject = "Hi", .text = "code 1", .html = "<p>1</p>"});
    clock.now_s += 60;
    outbox.add({.channel = MessageChannel::Sms, .to = "+15550100", .text = "code 2"});
    const json::value expected = {{{"id", 2},
                                   {"created_at", "2027-01-15T08:01:00Z"},
                                   {"channel", "sms"},
                                   {"to", "+15550100"},
                                   {"subject", ""},
                                   {"text", "code 2"},
                                   {"html", ""}},
                                  {{"id", 1},
                                   {"created_at", "2027-01-15T08:00:00Z"},
                                   {"channel", "email"},
                                   {"to", "ann@example.com"},
                                   {"subject", "Hi"},
                                   {"text", "code 1"},
                                   {"html", "<p>1</p>"}}};
    EXPECT_EQ(json::value(messages_of(outbox)), expected) << outbox.json();
    EXPECT_EQ(messages_of(outbox, "+15550100").size(), 1u);
    EXPECT_EQ(messages_of(outbox, "nobody").size(), 0u);
}

TEST(Outbox, ForgetsTheOldest) {
    FixtureClock clock;
    Outbox many(clock);
    for (std::size_t i = 0; i < limits::outbox_messages_max + 5; ++i) many.add({.to = "a@b.c"});
    EXPECT_EQ(messages_of(many).size(), limits::outbox_messages_max);
    EXPECT_EQ(messages_of(many).back().at("id"), 6);
    Outbox large(clock);
    for (int i = 0; i < 3; ++i) {
        large.add({.to = "", .text = std::string(limits::outbox_bytes_max / 2, 'x')});
    }
    EXPECT_EQ(messages_of(large).size(), 2u);
}

TEST(Outbox, ThePageShowsTextAndRunsNothing) {
    FixtureClock clock;
    Outbox outbox(clock);
    outbox.add({.to = "<script>alert(1)</script>",
                .subject = "<img src=x onerror=y>",
                .text = "Open https://a.example/v?t=1&u=\"2 now, or javascript:alert(1)\n"
                        "http://127.0.0.1:54321/x"});
    const std::string page = outbox.page();
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, Not(HasSubstr("<img")));
    EXPECT_THAT(page, HasSubstr("<a href=\"https://a.example/v?t=1&amp;u=\" rel=\"noreferrer\">"
                                "https://a.example/v?t=1&amp;u=</a>&quot;2 now, or javascript:"));
    EXPECT_THAT(page, HasSubstr("<a href=\"http://127.0.0.1:54321/x\""));
    outbox.add({.to = "a@b.c", .html = "<p onclick=x>only HTML</p>"});
    EXPECT_THAT(outbox.page(), HasSubstr("&lt;p onclick=x&gt;only HTML"));
}

}  // namespace dunlin::auth
