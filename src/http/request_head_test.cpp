#include "http/request_head.h"

#include <gtest/gtest.h>

#include "core/limits.h"
#include "http/request_target.h"

namespace dunlin::http {

namespace {

using namespace std::string_literals;

/// A head with `line` and Host, and whatever `fields` adds; each field with its CRLF.
std::string head(const std::string& line, const std::string& fields = "") {
    return line + "\r\nHost: a\r\n" + fields + "\r\n";
}

std::string get(const std::string& fields) {
    return head("GET / HTTP/1.1", fields);
}

std::string post(const std::string& fields) {
    return head("POST / HTTP/1.1", fields);
}

/// What a head means, or the status that refuses it, or "more".
std::string describe(std::string_view bytes) {
    const auto parsed = parse_head(bytes);
    if (!parsed) return parsed.error().details;
    if (parsed->bytes == 0) return "more";
    std::string text = parsed->method_text + " " + parsed->path;
    if (!parsed->query.empty()) text += "?" + parsed->query;
    text += parsed->keep_alive ? " keep" : " close";
    if (parsed->chunked) text += " chunked";
    if (parsed->content_length > 0) text += " " + std::to_string(parsed->content_length);
    if (parsed->expects_continue) text += " continue";
    return text;
}

struct Case {
    const char* why;
    std::string bytes;
    std::string expected;
};

void expect_all(const std::vector<Case>& cases) {
    for (const Case& c : cases) EXPECT_EQ(describe(c.bytes), c.expected) << c.why;
}

std::string many_fields(std::size_t count) {
    std::string fields;
    for (std::size_t i = 0; i < count; ++i) fields += "X-" + std::to_string(i) + ": y\r\n";
    return fields;
}

}  // namespace

TEST(RequestHead, ReadsTheRequestLine) {
    expect_all({
        {"plain", head("GET /a HTTP/1.1"), "GET /a keep"},
        {"query", head("GET /a?b=c&d=%20 HTTP/1.1"), "GET /a?b=c&d=%20 keep"},
        {"only the first mark begins the query", head("GET /a?b=?c HTTP/1.1"), "GET /a?b=?c keep"},
        {"percent-encoded once", head("GET /%61%2562 HTTP/1.1"), "GET /a%62 keep"},
        {"plus is a plus in a path", head("GET /a+b HTTP/1.1"), "GET /a+b keep"},
        {"method of nobody", head("BREW /pot HTTP/1.1"), "BREW /pot keep"},
        {"methods have one case (RFC 9110, 9.1)", head("get / HTTP/1.1"), "get / keep"},
        {"1.0 closes", head("GET / HTTP/1.0"), "GET / close"},
        {"one empty line before it (RFC 9112, 2.2)", "\r\n" + get(""), "GET / keep"},
        {"two empty lines before it", "\r\n\r\n" + get(""), "400"},
        {"two blanks", head("GET  / HTTP/1.1"), "400"},
        {"blank in the target", head("GET /a b HTTP/1.1"), "400"},
        {"tab for a blank", head("GET\t/\tHTTP/1.1"), "400"},
        {"blank first", head(" GET / HTTP/1.1"), "400"},
        {"blank last", head("GET / HTTP/1.1 "), "400"},
        {"HTTP/0.9", "GET /\r\n\r\n", "400"},
        {"no method", head(" / HTTP/1.1"), "400"},
        {"method with a colon", head("GE:T / HTTP/1.1"), "400"},
        {"method that never ends", head(std::string(100, 'A') + " / HTTP/1.1"), "501"},
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
        {"other version", head("GET / HTTP/1.2"), "505"},
        {"version in lower case", head("GET / http/1.1"), "400"},
        {"long version", head("GET / HTTP/1.10"), "400"},
        {"TLS to a plain port", "\x16\x03\x01\x02\x00\x01\r\n\r\n"s, "400"},
    });
}

TEST(RequestHead, ReadsTheFormsOfATarget) {
    expect_all({
        {"absolute form (RFC 9112, 3.2.2)", head("GET http://b/c?d HTTP/1.1"), "GET /c?d keep"},
        {"absolute form without a path", head("GET http://b HTTP/1.1"), "GET / keep"},
        {"absolute form, query only", head("GET http://b?c=/d HTTP/1.1"), "GET /?c=/d keep"},
        {"absolute form with a port", head("GET https://b:1/c HTTP/1.1"), "GET /c keep"},
        {"absolute form without a host", head("GET http:///c HTTP/1.1"), "400"},
        {"absolute form with a password", head("GET http://u:p@b/c HTTP/1.1"), "400"},
        {"other scheme", head("GET ftp://b/c HTTP/1.1"), "400"},
        {"authority form is for proxies", head("CONNECT b:443 HTTP/1.1"), "400"},
        {"asterisk form", head("OPTIONS * HTTP/1.1"), "OPTIONS / keep"},
        {"asterisk is for OPTIONS", head("GET * HTTP/1.1"), "400"},
        {"no slash", head("GET a HTTP/1.1"), "400"},
        {"fragments are not sent", head("GET /a#b HTTP/1.1"), "400"},
        {"fragment in the query", head("GET /a?b#c HTTP/1.1"), "400"},
        {"half an escape", head("GET /%4 HTTP/1.1"), "400"},
        {"escape of no digits", head("GET /%zz HTTP/1.1"), "400"},
        {"escape with a sign", head("GET /%-1 HTTP/1.1"), "400"},
        {"NUL, encoded", head("GET /a%00b HTTP/1.1"), "400"},
        {"NUL", head("GET /a\0b HTTP/1.1"s), "400"},
        {"not ASCII", head("GET /\xc3\xa9 HTTP/1.1"), "400"},
        {"longest", head("GET /" + std::string(8191, 'a') + " HTTP/1.1"),
         "GET /" + std::string(8191, 'a') + " keep"},
        {"too long", head("GET /" + std::string(8192, 'a') + " HTTP/1.1"), "414"},
    });
}

TEST(RequestHead, LinesEndWithCarriageReturnAndLineFeedOnly) {
    expect_all({
        {"bare LF everywhere", "GET / HTTP/1.1\nHost: a\n\n", "400"},
        {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", "400"},
        {"bare LF between fields", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", "400"},
        {"bare LF as the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n", "400"},
        {"bare CR in a value", get("X: a\rY: b\r\n"), "400"},
        {"bare CR in the request line", head("GET /\r HTTP/1.1"), "400"},
        {"CR twice", get("X: a\r\r\n"), "400"},
        {"folded value", get("X: a\r\n b\r\n"), "400"},
        {"folded by a tab", get("X: a\r\n\tb\r\n"), "400"},
        {"first field folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "400"},
    });
}

TEST(RequestHead, ReadsFieldsStrictly) {
    expect_all({
        {"blanks around a value", get("X: \t a b \t\r\n"), "GET / keep"},
        {"empty value", get("X:\r\n"), "GET / keep"},
        {"value beyond ASCII", get("X: \xff\r\n"), "GET / keep"},
        {"blank before the colon", get("X : a\r\n"), "400"},
        {"tab before the colon", get("X\t: a\r\n"), "400"},
        {"blank in a name", get("X Y: a\r\n"), "400"},
        {"no name", get(": a\r\n"), "400"},
        {"no colon", get("X\r\n"), "400"},
        {"name beyond ASCII", get("X\xc3\xa9: a\r\n"), "400"},
        {"name in brackets", get("(X): a\r\n"), "400"},
        {"NUL in a value", get("X: a\0b\r\n"s), "400"},
        {"NUL in a name", get("X\0: a\r\n"s), "400"},
        {"escape in a value", get("X: \x1b[0m\r\n"), "400"},
        {"delete in a value", get("X: \x7f\r\n"), "400"},
        {"as many as allowed", get(many_fields(limits::http_header_count_max - 1)), "GET / keep"},
        {"one more", get(many_fields(limits::http_header_count_max)), "431"},
        {"too large", get("X: " + std::string(limits::http_header_bytes_max, 'a') + "\r\n"), "431"},
        {"too large and no end", std::string(limits::http_header_bytes_max + 1, 'A'), "431"},
    });
}

TEST(RequestHead, NeedsOneHost) {
    const auto with = [](const std::string& fields) {
        return "GET / HTTP/1.1\r\n" + fields + "\r\n";
    };
    expect_all({
        {"none", with(""), "400"},
        {"none in 1.0", "GET / HTTP/1.0\r\n\r\n", "GET / close"},
        {"two", with("Host: a\r\nHost: b\r\n"), "400"},
        {"two alike", with("Host: a\r\nhost: a\r\n"), "400"},
        {"empty: the target has no authority", with("Host:\r\n"), "GET / keep"},
        {"port", with("Host: a.example:80\r\n"), "GET / keep"},
        {"IPv6", with("Host: [::1]:80\r\n"), "GET / keep"},
        {"list", with("Host: a, b\r\n"), "400"},
        {"blank", with("Host: a b\r\n"), "400"},
        {"path", with("Host: a/b\r\n"), "400"},
        {"user", with("Host: a@b\r\n"), "400"},
    });
}

TEST(RequestHead, KnowsOneEndOfTheBody) {
    expect_all({
        {"length", post("Content-Length: 5\r\n"), "POST / keep 5"},
        {"largest", post("Content-Length: 18446744073709551615\r\n"),
         "POST / keep 18446744073709551615"},
        {"over 64 bits", post("Content-Length: 18446744073709551616\r\n"), "400"},
        {"twice alike", post("Content-Length: 5\r\nContent-Length: 5\r\n"), "400"},
        {"twice differently", post("Content-Length: 5\r\ncontent-length: 6\r\n"), "400"},
        {"list alike", post("Content-Length: 5, 5\r\n"), "400"},
        {"plus", post("Content-Length: +5\r\n"), "400"},
        {"minus", post("Content-Length: -5\r\n"), "400"},
        {"hexadecimal", post("Content-Length: 0x5\r\n"), "400"},
        {"blank inside", post("Content-Length: 5 5\r\n"), "400"},
        {"empty", post("Content-Length:\r\n"), "400"},
        {"not a number", post("Content-Length: five\r\n"), "400"},
        {"chunked", post("Transfer-Encoding: chunked\r\n"), "POST / keep chunked"},
        {"chunked in capitals", post("Transfer-Encoding: Chunked\r\n"), "POST / keep chunked"},
        {"both", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), "400"},
        {"both, other order", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), "400"},
        {"chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
         "400"},
        {"chunked not last", post("Transfer-Encoding: chunked, gzip\r\n"), "501"},
        {"other coding first", post("Transfer-Encoding: gzip, chunked\r\n"), "501"},
        {"identity is no coding", post("Transfer-Encoding: identity\r\n"), "501"},
        {"lookalike", post("Transfer-Encoding: xchunked\r\n"), "501"},
        {"vertical tab", post("Transfer-Encoding: \vchunked\r\n"), "400"},
        {"quoted", post("Transfer-Encoding: \"chunked\"\r\n"), "501"},
        {"empty coding", post("Transfer-Encoding:\r\n"), "501"},
        {"chunked in 1.0", head("POST / HTTP/1.0", "Transfer-Encoding: chunked\r\n"), "400"},
    });
}

TEST(RequestHead, ReadsConnectionAndExpect) {
    expect_all({
        {"close", get("Connection: close\r\n"), "GET / close"},
        {"close in a list", get("Connection: foo, Close\r\n"), "GET / close"},
        {"close in a second field (RFC 9110, 5.3)",
         get("Connection: keep-alive\r\nConnection: close\r\n"), "GET / close"},
        {"keep-alive in 1.0", head("GET / HTTP/1.0", "Connection: keep-alive\r\n"), "GET / keep"},
        {"part of a word", get("Connection: closed\r\n"), "GET / keep"},
        {"continue", post("Content-Length: 1\r\nExpect: 100-Continue\r\n"),
         "POST / keep 1 continue"},
        {"1.0 knows no continue",
         head("POST / HTTP/1.0", "Content-Length: 1\r\nExpect: 100-continue\r\n"),
         "POST / close 1"},
        {"other expectation", post("Expect: tea\r\n"), "417"},
    });
}

TEST(RequestHead, ReadsTheSameHoweverTheBytesArrive) {
    const std::string cases[] = {
        get("X: y\r\n"),
        "\r\n" + get(""),
        head("GET /a?b HTTP/1.0", "Connection: keep-alive\r\n"),
        post("Content-Length: 3\r\nExpect: 100-continue\r\n"),
    };
    for (const std::string& bytes : cases) {
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            EXPECT_EQ(describe(bytes.substr(0, size)), "more") << bytes << size;
        }
        const auto alone = parse_head(bytes);
        const auto followed = parse_head(bytes + "body\n\n\r\n\r\n");
        ASSERT_TRUE(alone && followed) << bytes;
        EXPECT_EQ(alone->bytes, bytes.size()) << bytes;
        EXPECT_EQ(followed->bytes, bytes.size()) << "what follows is not looked at";
        EXPECT_EQ(describe(bytes), describe(bytes + "body\n\n\r\n\r\n"));
    }
}

TEST(DecodePercent, DecodesOnce) {
    struct PercentCase {
        const char* why;
        const char* text;
        bool plus_is_blank;
        const char* expected;  // nullptr: refused
    };
    const PercentCase cases[] = {
        {"nothing to do", "abc", false, "abc"},
        {"both cases", "%c3%A9", false, "\xc3\xa9"},
        {"once", "%2541", false, "%41"},
        {"plus of a form", "a+b%2B", true, "a b+"},
        {"plus elsewhere", "a+b", false, "a+b"},
        {"NUL", "%00", false, nullptr},
        {"cut", "a%4", false, nullptr},
        {"no digits", "%", false, nullptr},
        {"sign instead of a digit", "%+1", false, nullptr},
    };
    for (const PercentCase& c : cases) {
        std::string out;
        const bool decoded = decode_percent(c.text, out, c.plus_is_blank);
        EXPECT_EQ(decoded, c.expected != nullptr) << c.why;
        if (c.expected != nullptr) EXPECT_EQ(out, c.expected) << c.why;
    }
}

}  // namespace dunlin::http
