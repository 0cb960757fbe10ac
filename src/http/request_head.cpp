#include "http/request_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/limits.h"
#include "http/ascii.h"

namespace dunlin::http {

namespace {

constexpr std::size_t target_bytes_max = 8 * 1024;

std::unexpected<Error> refuse(int status, std::string message) {
    return std::unexpected(
        Error{ErrorCode::InvalidInput, std::move(message), "", fmt::format("{}", status)});
}

/// RFC 9110 section 5.6.2: token.
bool is_token(std::string_view text) {
    constexpr std::string_view symbols = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               symbols.find(c) != symbols.npos;
    });
}

/// Field values: visible characters, blanks and tabs (section 5.5).
bool is_field_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto code = static_cast<unsigned char>(c);
        return c == '\t' || (code >= 0x20 && code != 0x7f);
    });
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

Method method_of(std::string_view text) {
    for (const Method method : {Method::Get, Method::Head, Method::Post, Method::Put, Method::Patch,
                                Method::Delete, Method::Options}) {
        if (method_name(method) == text) return method;
    }
    return Method::Other;
}

/// RFC 9112 section 3.2: origin form, absolute form, or `*` for OPTIONS.
Result<void> parse_target(RequestHead& head) {
    std::string_view target = head.target;
    if (target.size() > target_bytes_max) return refuse(414, "the address is too long");
    if (!std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f; })) {
        return refuse(400, "the address has characters that must be percent-encoded");
    }
    if (target.starts_with("http://") || target.starts_with("https://")) {
        const auto path = target.find('/', target.find("//") + 2);
        target = path == target.npos ? "/" : target.substr(path);
    }
    if (target == "*" && head.method == Method::Options) target = "/";
    if (!target.starts_with('/')) return refuse(400, "the address must begin with a slash");
    target = target.substr(0, target.find('#'));
    const auto mark = target.find('?');
    if (mark != target.npos) head.query = target.substr(mark + 1);
    if (!decode_percent(target.substr(0, mark), head.path, false)) {
        return refuse(400, "the path has a bad percent-encoding");
    }
    return {};
}

Result<void> parse_request_line(std::string_view line, RequestHead& head) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == line.npos || first == last) return refuse(400, "malformed request line");
    head.method_text = line.substr(0, first);
    head.target = line.substr(first + 1, last - first - 1);
    const auto version = line.substr(last + 1);
    if (!is_token(head.method_text)) return refuse(400, "malformed method");
    if (version.size() != 8 || !version.starts_with("HTTP/")) return refuse(400, "malformed request line");
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return refuse(505, "only HTTP/1.1 is spoken here");
    head.minor_version = version.back() - '0';
    head.keep_alive = head.minor_version == 1;
    head.method = method_of(head.method_text);
    return parse_target(head);
}

Result<void> parse_field(std::string_view line, RequestHead& head) {
    const auto colon = line.find(':');
    if (colon == line.npos) return refuse(400, "a header has no colon");
    const auto name = line.substr(0, colon);
    const auto value = trim(line.substr(colon + 1));
    if (!is_token(name)) return refuse(400, "malformed header name");
    if (!is_field_value(value)) return refuse(400, "malformed header value");
    if (head.headers.size() == limits::http_header_count_max) return refuse(431, "too many headers");
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

Result<void> read_meaning(RequestHead& head) {
    const std::size_t hosts = count_of(head, "host");
    if (hosts > 1 || (hosts == 0 && head.minor_version == 1)) {
        return refuse(400, "exactly one Host header is needed");
    }
    const auto connection = head.header("connection");
    if (contains_token(connection, "close")) head.keep_alive = false;
    if (head.minor_version == 0 && contains_token(connection, "keep-alive")) head.keep_alive = true;
    if (const auto expect = head.header("expect"); !expect.empty()) {
        if (!equal_ignoring_case(expect, "100-continue")) return refuse(417, "unknown expectation");
        head.expects_continue = head.minor_version == 1;
    }
    return read_framing(head);
}

/// The line up to CRLF, which is taken off `rest`. A bare CR or LF is refused.
Result<std::string_view> take_line(std::string_view& rest) {
    const auto end = rest.find('\n');
    if (end == rest.npos || end == 0 || rest[end - 1] != '\r') return refuse(400, "lines end with CRLF");
    const auto line = rest.substr(0, end - 1);
    if (line.find('\r') != line.npos) return refuse(400, "lines end with CRLF");
    rest.remove_prefix(end + 1);
    return line;
}

}  // namespace

bool decode_percent(std::string_view text, std::string& out, bool plus_is_blank) {
    out.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
        char character = text[i];
        if (character == '+' && plus_is_blank) character = ' ';
        if (text[i] == '%') {
            if (text.size() - i < 3) return false;
            int code = 0;
            const auto [end, failure] = std::from_chars(&text[i + 1], &text[i + 1] + 2, code, 16);
            if (failure != std::errc{} || end != &text[i + 1] + 2) return false;
            character = static_cast<char>(code);
            i += 2;
        }
        if (character == '\0') return false;
        out.push_back(character);
    }
    return true;
}

std::string_view RequestHead::header(std::string_view name) const {
    for (const auto& [field, value] : headers) {
        if (equal_ignoring_case(field, name)) return value;
    }
    return {};
}

Result<RequestHead> parse_head(std::string_view bytes) {
    const auto end = bytes.find("\r\n\r\n");
    const auto bare = bytes.find("\n\n");
    if (bare < end) return refuse(400, "lines end with CRLF");
    if (end == bytes.npos) {
        if (bytes.size() > limits::http_header_bytes_max) return refuse(431, "the headers are too large");
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
        if (line->starts_with(' ') || line->starts_with('\t')) return refuse(400, "folded header lines");
        parsed = parse_field(*line, head);
    }
    if (parsed) parsed = read_meaning(head);
    if (!parsed) return std::unexpected(parsed.error());
    head.bytes = end + 4;
    return head;
}

}  // namespace dunlin::http
