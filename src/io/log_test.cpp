#include "io/log.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <limits>

#include "io/log_line.h"

namespace dunlin::log {

namespace {

constexpr std::int64_t instant_us = 1'787'307'072'345'678;  // 2026-08-21T10:11:12.345678Z

std::string json(std::string_view message, Fields fields) {
    return format_line(Format::Json, Level::Info, instant_us, message, fields);
}
std::string text(std::string_view message, Fields fields) {
    return format_line(Format::Text, Level::Warn, instant_us, message, fields);
}

}  // namespace

TEST(LogLine, JsonHasTimeLevelMessageAndFieldsInOrder) {
    EXPECT_EQ(json("started", {{"port", 8080}, {"host", "::1"}, {"ready", true}}),
              "{\"time\":\"2026-08-21T10:11:12.345Z\",\"level\":\"info\",\"message\":\"started\","
              "\"port\":8080,\"host\":\"::1\",\"ready\":true}\n");
}

TEST(LogLine, JsonIsValidWhateverTheTexts) {
    const std::string hostile =
        "quote \" backslash \\ newline \n bell \x07 nul " + std::string(1, '\0');
    const std::string line = json(hostile, {{hostile, hostile}});
    const auto object = boost::json::parse(line).as_object();
    EXPECT_EQ(std::string(object.at("message").as_string()), hostile);
    EXPECT_EQ(std::string(object.at(hostile).as_string()), hostile);
    EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line";
}

TEST(LogLine, NumbersOfEveryKindAreWritten) {
    struct Case {
        const char* why;
        Field field;
        const char* expected;
    };
    const std::string borrowed = "x";
    const Case cases[] = {
        {"smallest integer",
         {"n", std::numeric_limits<std::int64_t>::min()},
         "-9223372036854775808"},
        {"largest unsigned",
         {"n", std::numeric_limits<std::uint64_t>::max()},
         "18446744073709551615"},
        {"double", {"n", 1.5}, "1.5"},
        {"JSON has no infinity", {"n", std::numeric_limits<double>::infinity()}, "null"},
        {"bool", {"n", false}, "false"},
        {"std::string", {"n", borrowed}, "\"x\""},
    };
    for (const Case& c : cases) {
        EXPECT_NE(json("m", {c.field}).find(std::string("\"n\":") + c.expected + "}"),
                  std::string::npos)
            << c.why;
    }
}

TEST(LogLine, TextQuotesOnlyWhatNeedsIt) {
    EXPECT_EQ(
        text("slow\nclient", {{"id", 7}, {"name", "ann"}, {"why", "too slow"}, {"none", ""}}),
        "2026-08-21T10:11:12.345Z warn slow\\nclient id=7 name=ann why=\"too slow\" none=\"\"\n");
}

TEST(Log, WritesOneLineToStderrAndDropsLowerLevels) {
    testing::internal::CaptureStderr();
    debug("unseen");
    info("seen", {{"n", 1}});
    set_level(Level::Error);
    warn("unseen as well");
    set_level(Level::Info);
    set_format(Format::Text);
    error("last");
    set_format(Format::Json);
    const std::string output = testing::internal::GetCapturedStderr();
    EXPECT_EQ(output.find("unseen"), std::string::npos);
    EXPECT_NE(output.find("\"message\":\"seen\",\"n\":1}\n"), std::string::npos);
    EXPECT_NE(output.find(" error last\n"), std::string::npos);
}

}  // namespace dunlin::log
