#include "http/message.h"

#include "core/codec.h"
#include "http/ascii.h"
#include "http/request_target.h"

namespace dunlin::http {

std::string_view method_name(Method method) {
    switch (method) {
        case Method::Get:
            return "GET";
        case Method::Head:
            return "HEAD";
        case Method::Post:
            return "POST";
        case Method::Put:
            return "PUT";
        case Method::Patch:
            return "PATCH";
        case Method::Delete:
            return "DELETE";
        case Method::Options:
            return "OPTIONS";
        case Method::Other:
            return "";
    }
    return "";
}

std::string_view Request::header(std::string_view name) const {
    for (const auto& [field, value] : headers) {
        if (equal_ignoring_case(field, name)) return value;
    }
    return {};
}

std::optional<std::string> Request::parameter(std::string_view name) const {
    for (auto& [key, value] : parse_query(query)) {
        if (key == name) return std::move(value);
    }
    return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> pairs;
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto item = query.substr(0, end);
        const auto equals = item.find('=');
        std::pair<std::string, std::string> pair;
        const auto value = equals == item.npos ? std::string_view() : item.substr(equals + 1);
        // What is not valid percent-encoding is taken as it stands, as browsers and PostgREST do.
        if (!decode_percent(item.substr(0, equals), pair.first, true))
            pair.first = item.substr(0, equals);
        if (!decode_percent(value, pair.second, true)) pair.second = value;
        if (!item.empty()) pairs.push_back(std::move(pair));
        query = end == query.npos ? std::string_view() : query.substr(end + 1);
    }
    return pairs;
}

Response Response::json(int status, std::string body) {
    Response response{.status = status, .body = std::move(body)};
    response.set("Content-Type", "application/json; charset=utf-8");
    return response;
}

namespace {

/// RFC 6750 section 3: a token that was given and is no good is told so.
std::string bearer_challenge(const Error& error) {
    if (error.sqlstate != "PGRST301" && error.sqlstate != "PGRST303") return "Bearer";
    std::string description;
    codec::write_json_string(error.message, description);
    return "Bearer error=\"invalid_token\", error_description=" + description;
}

}  // namespace

Response Response::error(const Error& error) {
    const auto member = [](std::string& out, std::string_view name, std::string_view text) {
        codec::write_json_string(name, out);
        out.push_back(':');
        if (text.empty())
            out += "null";
        else
            codec::write_json_string(text, out);
    };
    std::string body = "{";
    member(body, "code", error.sqlstate);
    body.push_back(',');
    if (error.sqlstate == "PGRST201")  // the one whose details are no text
        body += "\"details\":" + error.details;
    else
        member(body, "details", error.details);
    body.push_back(',');
    member(body, "hint", error.hint);
    body.push_back(',');
    member(body, "message", error.message);
    body.push_back('}');
    Response response = json(http_status(error), std::move(body));
    if (!error.sqlstate.empty()) response.set("Proxy-Status", "PostgREST; error=" + error.sqlstate);
    if (error.code == ErrorCode::Unauthorized)
        response.set("WWW-Authenticate", bearer_challenge(error));
    return response;
}

void Response::set(std::string name, std::string value) {
    for (auto& [field, current] : headers) {
        if (!equal_ignoring_case(field, name)) continue;
        current = std::move(value);
        return;
    }
    headers.emplace_back(std::move(name), std::move(value));
}

}  // namespace dunlin::http
