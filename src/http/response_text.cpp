#include "http/response_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <ctime>

#include "core/check.h"
#include "http/ascii.h"

namespace dunlin::http {

namespace {

constexpr std::size_t gzip_bytes_min = 1024;
constexpr std::size_t gzip_bytes_max =
    4 * 1024 * 1024;  // 40 ms of the loop that all others wait for
constexpr int gzip_level = 4;
constexpr int gzip_window = 15 + 16;  // 16 asks zlib for the gzip wrapper

constexpr std::string_view exposed_headers =
    "Content-Range, X-Total-Count, Link, Content-Location, Location, Preference-Applied, "
    "X-Supabase-Api-Version, X-Request-Id, Proxy-Status, X-Sb-Error-Code, Retry-After, "
    "Dunlin-Position";

std::string_view reason_of(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 300:
            return "Multiple Choices";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 417:
            return "Expectation Failed";
        case 426:
            return "Upgrade Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Status";
    }
}

bool is_text(const Response& response) {
    for (const auto& [name, value] : response.headers) {
        if (!equal_ignoring_case(name, "content-type")) continue;
        return value.starts_with("text/") || value.find("json") != value.npos ||
               value.find("javascript") != value.npos || value.find("svg") != value.npos;
    }
    return false;
}

std::string gzip(const std::string& plain) {
    z_stream stream{};
    CHECK(deflateInit2(&stream, gzip_level, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) ==
          Z_OK);
    std::string packed(deflateBound(&stream, plain.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

bool has_header(const Response& response, std::string_view name) {
    return std::any_of(response.headers.begin(), response.headers.end(),
                       [&](const auto& field) { return equal_ignoring_case(field.first, name); });
}

void compress(const RequestHead& request, Response& response) {
    const std::size_t size = response.body.size();
    if (size < gzip_bytes_min || size > gzip_bytes_max || !is_text(response)) return;
    if (has_header(response, "content-encoding")) return;
    response.set("Vary", "Accept-Encoding");
    if (!request.lists("accept-encoding", "gzip")) return;
    response.body = gzip(response.body);
    response.set("Content-Encoding", "gzip");
}

/// A line break in a value would begin a header, or an answer, of somebody else's making.
std::string field_line(std::string_view name, std::string value) {
    if (!is_field_value(value)) {
        std::replace_if(
            value.begin(), value.end(), [](char c) { return !is_field_value({&c, 1}); }, ' ');
    }
    return std::string(name).append(": ").append(value).append("\r\n");
}

}  // namespace

Response preflight_answer(const RequestHead& request) {
    Response response{.status = 204};
    response.set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    const auto wanted = request.header("access-control-request-headers");
    response.set("Access-Control-Allow-Headers", wanted.empty() ? "*" : std::string(wanted));
    response.set("Access-Control-Max-Age", "86400");
    return response;
}

std::string response_head(const RequestHead& request, const std::string& request_id,
                          Response& response, bool keep_alive, std::int64_t now_us) {
    if (response.stream == nullptr) compress(request, response);
    std::string head =
        fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_of(response.status));
    const std::time_t seconds = now_us / 1'000'000;
    head += fmt::format("Date: {:%a, %d %b %Y %H:%M:%S} GMT\r\nX-Request-Id: {}\r\n",
                        fmt::gmtime(seconds), request_id);
    head += "Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: ";
    head += exposed_headers;
    head += "\r\n";
    for (const auto& [name, value] : response.headers) head += field_line(name, value);
    // RFC 9110 section 6.4.1: these end with their headers.
    const bool has_no_body = response.status == 204 || response.status == 304;
    if (has_no_body)
        response.body.clear();
    else if (response.stream != nullptr)
        // RFC 9112 section 6.1: not to a client of HTTP/1.0, for whom the body ends with the
        // connection.
        head += request.minor_version == 0 ? "" : "Transfer-Encoding: chunked\r\n";
    else
        head += fmt::format("Content-Length: {}\r\n", response.body.size());
    head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    return head;
}

}  // namespace dunlin::http
