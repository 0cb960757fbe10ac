#include "outbound/mime.h"

#include <gtest/gtest.h>

namespace dunlin::outbound::mime {

namespace {

std::string repeated(std::string_view piece, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += piece;
    return out;
}

std::size_t longest_line(std::string_view text) {
    std::size_t longest = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find("\r\n"), text.size());
        longest = std::max(longest, end);
        text.remove_prefix(std::min(end + 2, text.size()));
    }
    return longest;
}

}  // namespace

TEST(Mime, Base64IsThatOfTheStandard) {
    struct Case {
        const char* bytes;
        const char* expected;
    };
    const Case cases[] = {
        // RFC 4648 section 10
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (const Case& c : cases) EXPECT_EQ(encode_base64(c.bytes), c.expected) << c.bytes;
}

TEST(Mime, QuotedPrintableKeepsTextReadable) {
    struct Case {
        const char* why;
        std::string text;
        std::string expected;
    };
    const Case cases[] = {
        {"nothing", "", ""},
        {"plain", "Hello, you.", "Hello, you."},
        {"equals sign", "a=b", "a=3Db"},
        {"UTF-8", "Zoë", "Zo=C3=AB"},
        {"line ends of every kind", "a\nb\r\nc\rd\n", "a\r\nb\r\nc\r\nd\r\n"},
        {"empty lines", "a\n\nb", "a\r\n\r\nb"},
        {"blank at the end of a line", "a \nb\t", "a=20\r\nb=09"},
        {"blanks inside", "a  b\tc", "a  b\tc"},
        {"NUL", std::string("a\0b", 3), "a=00b"},
        {"76 columns fit", repeated("x", 76), repeated("x", 76)},
        {"77 do not", repeated("x", 77), repeated("x", 75) + "=\r\nxx"},
    };
    for (const Case& c : cases) EXPECT_EQ(encode_quoted_printable(c.text), c.expected) << c.why;
}

TEST(Mime, QuotedPrintableNeverBreaksAnEscapeOrALine) {
    for (std::size_t before = 0; before < 80; ++before) {
        const std::string out =
            encode_quoted_printable(repeated("x", before) + repeated("ü", 40) + "y");
        EXPECT_LE(longest_line(out), 76u) << before;
        for (auto at = out.find('='); at != out.npos; at = out.find('=', at + 1)) {
            const auto next = out.substr(at + 1, 2);
            EXPECT_TRUE(next == "\r\n" || next == "C3" || next == "BC") << next << before;
        }
    }
}

TEST(Mime, HeadersAreEncodedWhenTheyMustBe) {
    struct Case {
        const char* why;
        std::string text;
        std::string expected;
    };
    const Case cases[] = {
        {"plain", "Reset your password", "Reset your password"},
        {"UTF-8", "Grüße", "=?UTF-8?B?R3LDvMOfZQ==?="},
        {"looks encoded already", "=?UTF-8?B?WA==?=", "=?UTF-8?B?PT9VVEYtOD9CP1dBPT0/PQ==?="},
        {"too long for a line", repeated("abc", 30),
         "=?UTF-8?B?" + encode_base64(repeated("abc", 13)) + "?=\r\n =?UTF-8?B?" +
             encode_base64(repeated("abc", 15)) + "?=\r\n =?UTF-8?B?" +
             encode_base64(repeated("abc", 2)) + "?="},
    };
    for (const Case& c : cases) EXPECT_EQ(encode_header_text(c.text, 9), c.expected) << c.why;
    const std::string snowmen = encode_header_text(repeated("☃", 100), 9);
    EXPECT_LE(longest_line(snowmen), 76u);
    EXPECT_EQ(longest_line(encode_header_text("ü", 75)), 17u) << "begins on a line of its own";
}

TEST(Mime, DisplayNamesAreQuoted) {
    EXPECT_EQ(encode_display_name("Clinic", 6), "\"Clinic\"");
    EXPECT_EQ(encode_display_name("A \"B\" \\ C", 6), "\"A \\\"B\\\" \\\\ C\"");
    EXPECT_EQ(encode_display_name("Praxis Zoë", 6), "=?UTF-8?B?UHJheGlzIFpvw6s=?=");
}

}  // namespace dunlin::outbound::mime
