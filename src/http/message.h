#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"
#include "http/stream.h"

namespace dunlin::http {

enum class Method : std::uint8_t { Get, Head, Post, Put, Patch, Delete, Options, Other };
std::string_view method_name(Method method);

/// Name and value pairs in the order of arrival; names compare without case.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// A whole request, body included (bounded by limits::http_body_bytes_max).
struct Request {
    Method method = Method::Get;
    std::string target;  // as sent: "/rest/v1/patients?select=*"
    std::string path;    // percent-decoded, no query, begins with "/"
    std::string query;   // after "?", still encoded
    Fields headers;
    std::string body;
    std::string remote;      // "127.0.0.1:50000"
    std::string id;          // request id, also in the log and in the answer's X-Request-Id
    std::uint32_t loop = 0;  // index of the loop that serves this connection

    /// First header of that name (any case), or "".
    std::string_view header(std::string_view name) const;
    /// First query parameter of that name, decoded.
    std::optional<std::string> parameter(std::string_view name) const;
};

/// Query string to decoded pairs, in order ("+" is a blank).
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

struct Response {
    int status = 200;
    Fields headers{};
    std::string body{};
    /// Makes the body instead of `body`. The connection ends with the stream; nothing is
    /// compressed.
    std::unique_ptr<StreamHandler> stream{};

    static Response json(int status, std::string body);
    /// `{code, details, hint, message}` with the status of the error; the PostgREST form.
    static Response error(const Error& error);
    void set(std::string name, std::string value);
};

}  // namespace dunlin::http
