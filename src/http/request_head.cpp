#include "http/request_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/limits.h"
#include "http/ascii.h"
#include "http/request_target.h"

namespace dunlin::http {

namespace {

constexpr std::size_t method_bytes_max = 32;

std::unexpected<Error> refuse(int status, std::string message) {
    return std::unexpected(
        Error{ErrorCode::InvalidInput, std::move(message), "", fmt::format("{}", status)});
}

Method method_of(std::string_view text) {
    for (const Method method : {Method::Get, Method::Head, Method::Post, Method::Put, Method::Patch,
                                Method::Delete, Method::Options}) {
        if (method_name(method) == text) return method;
    }
    return Method::Other;
}

Result<void> parse_request_line(std::string_view line, RequestHead& head) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == line.npos || first == last) return refuse(400, "malformed request line");
    head.method_text = line.substr(0, first);
    const auto target_text = line.substr(first + 1, last - first - 1);
    const auto version = line.substr(last + 1);
    if (!is_token(head.method_text)) return refuse(400, "malformed method");
    // RFC 9112 section 3: a method longer than any that is implemented.
    if (head.method_text.size() > method_bytes_max) return refuse(501, "unknown method");
    if (version.size() != 8 || !version.starts_with("HTTP/"))
        return refuse(400, "malformed request line");
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return refuse(505, "only HTTP/1.1 is spoken here");
    head.minor_version = version.back() - '0';
    head.keep_alive = head.minor_version == 1;
    head.method = method_of(head.method_text);
    auto target = parse_target(
        target_text, head.method == Method::Options ? Asterisk::Allowed : Asterisk::Refused);
    if (!target) return std::unexpected(target.error());
    head.target = target_text;
    head.path = std::move(target->path);
    head.query = std::move(target->query);
    return {};
}

Result<void> parse_field(std::string_view line, RequestHead& head) {
    const auto colon = line.find(':');
    if (colon == line.npos) return refuse(400, "a header has no colon");
    const auto name = line.substr(0, colon);
    const auto value = trim(line.substr(colon + 1));
    if (!is_token(name)) return refuse(400, "malformed header name");
    if (!is_field_value(value)) return refuse(400, "malformed header value");
    if (head.headers.size() == limits::http_header_count_max)
        return refuse(431, "too many headers");
    head.headers.emplace_back(name, value);
    return {};
}

std::size_t count_of(const RequestHead& head, std::string_view name) {
    return static_cast<std::size_t>(
        std::count_if(head.headers.begin(), head.headers.end(),
                      [&](const auto& field) { return equal_ignoring_case(field.first, name); }));
}

/// RFC 9112 section 6: exactly one way to know where the body ends.
Result<void> read_framing(RequestHead& head) {
    const std::size_t lengths = count_of(head, "content-length");
    const std::size_t encodings = count_of(head, "transfer-encoding");
    if (lengths > 1 || encodings > 1 || (lengths == 1 && encodings == 1)) {
        return refuse(400, "the length of the body is given twice");
    }
    if (encodings == 1) {
        if (!equal_ignoring_case(head.header("transfer-encoding"), "chunked")) {
            return refuse(501, "the only transfer encoding is chunked");
        }
        if (head.minor_version == 0) return refuse(400, "HTTP/1.0 has no transfer encoding");
        head.chunked = true;
    }
    if (lengths == 1) {
        const auto text = head.header("content-length");
        const auto [end, failure] =
            std::from_chars(text.data(), text.data() + text.size(), head.content_length);
        if (failure != std::errc{} || end != text.data() + text.size() || text.empty()) {
            return refuse(400, "Content-Length is not a number");
        }
    }
    return {};
}

/// RFC 9112 section 3.2: one Host, a host and a port or nothing.
Result<void> read_host(const RequestHead& head) {
    const std::size_t hosts = count_of(head, "host");
    if (hosts > 1 || (hosts == 0 && head.minor_version == 1)) {
        return refuse(400, "exactly one Host header is needed");
    }
    if (head.header("host").find_first_of(" \t,/?#@\\<>\"") != std::string_view::npos) {
        return refuse(400, "Host is a host and a port");
    }
    return {};
}

Result<void> read_meaning(RequestHead& head) {
    auto host = read_host(head);
    if (!host) return host;
    if (head.minor_version == 0 && head.lists("connection", "keep-alive")) head.keep_alive = true;
    if (head.lists("connection", "close")) head.keep_alive = false;
    if (const auto expect = head.header("expect"); !expect.empty()) {
        if (!equal_ignoring_case(expect, "100-continue")) return refuse(417, "unknown expectation");
        head.expects_continue = head.minor_version == 1;
    }
    return read_framing(head);
}

/// The line up to CRLF, which is taken off `rest`. A bare CR or LF is refused.
Result<std::string_view> take_line(std::string_view& rest) {
    const auto end = rest.find('\n');
    if (end == rest.npos || end == 0 || rest[end - 1] != '\r')
        return refuse(400, "lines end with CRLF");
    const auto line = rest.substr(0, end - 1);
    if (line.find('\r') != line.npos) return refuse(400, "lines end with CRLF");
    rest.remove_prefix(end + 1);
    return line;
}

}  // namespace

std::string_view RequestHead::header(std::string_view name) const {
    for (const auto& [field, value] : headers) {
        if (equal_ignoring_case(field, name)) return value;
    }
    return {};
}

bool RequestHead::lists(std::string_view name, std::string_view token) const {
    return std::any_of(headers.begin(), headers.end(), [&](const auto& field) {
        return equal_ignoring_case(field.first, name) && contains_token(field.second, token);
    });
}

Result<RequestHead> parse_head(std::string_view bytes) {
    // RFC 9112 section 2.2: one empty line, which some clients send behind a body.
    const std::size_t skipped = bytes.starts_with("\r\n") ? 2 : 0;
    bytes.remove_prefix(skipped);
    const auto end = bytes.find("\r\n\r\n");
    const auto bare = bytes.find("\n\n");
    if (bare < end) return refuse(400, "lines end with CRLF");
    if (bytes.starts_with("\r\n")) return refuse(400, "malformed request line");
    if (end == bytes.npos) {
        if (bytes.size() > limits::http_header_bytes_max)
            return refuse(431, "the headers are too large");
        return RequestHead{};
    }
    if (end + 4 > limits::http_header_bytes_max) return refuse(431, "the headers are too large");
    RequestHead head;
    std::string_view rest = bytes.substr(0, end + 2);
    auto line = take_line(rest);
    if (!line) return std::unexpected(line.error());
    auto parsed = parse_request_line(*line, head);
    while (parsed && !rest.empty()) {
        line = take_line(rest);
        if (!line) return std::unexpected(line.error());
        if (line->starts_with(' ') || line->starts_with('\t'))
            return refuse(400, "folded header lines");
        parsed = parse_field(*line, head);
    }
    if (parsed) parsed = read_meaning(head);
    if (!parsed) return std::unexpected(parsed.error());
    head.bytes = skipped + end + 4;
    return head;
}

}  // namespace dunlin::http
