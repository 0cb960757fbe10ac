#include "outbound/fetch.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "outbound/transfer.h"
#include "outbound/transfers.h"
#include "outbound/url_parts.h"

namespace dunlin::outbound {

namespace {

constexpr std::size_t url_bytes_max = 8 * 1024;
constexpr std::size_t method_bytes_max = 16;

Error invalid(std::string message) {
    return Error{ErrorCode::InvalidInput, std::move(message)};
}

/// The parts of a URL that matter here.
struct Origin {
    std::string scheme;
    std::string host;
    std::string port;

    friend bool operator==(const Origin&, const Origin&) = default;
};

Result<Origin> parse_origin(const std::string& url) {
    if (url.size() > url_bytes_max) return std::unexpected(invalid("the URL is too long"));
    UrlParts parts;
    if (parts.parse(url) != CURLUE_OK) {
        return std::unexpected(invalid("this is not a URL"));
    }
    Origin origin{parts.part(CURLUPART_SCHEME), parts.part(CURLUPART_HOST),
                  parts.part(CURLUPART_PORT)};
    if (origin.scheme != "https" && origin.scheme != "http") {
        return std::unexpected(invalid(
            fmt::format("only http and https URLs can be asked for, not \"{}\"", origin.scheme)));
    }
    if (!parts.part(CURLUPART_USER).empty() || !parts.part(CURLUPART_PASSWORD).empty()) {
        return std::unexpected(invalid("a URL must not hold a user name or password"));
    }
    return origin;
}

bool is_token_character(char c) {  // RFC 9110 section 5.6.2
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_token_character);
}

Result<void> check(const FetchRequest& request) {
    if (!is_token(request.method) || request.method.size() > method_bytes_max) {
        return std::unexpected(invalid("this is not an HTTP method"));
    }
    for (const auto& [name, value] : request.headers) {
        if (!is_token(name)) return std::unexpected(invalid("this is not a header's name"));
        // A line break would begin another header (RFC 9110 section 5.5).
        if (has_control_character(value)) {
            return std::unexpected(
                invalid(fmt::format("the header {} holds a control character", name)));
        }
    }
    return {};
}

bool has_method_without_body(const FetchRequest& request) {
    return request.method == "GET" || request.method == "HEAD";
}

std::unique_ptr<Transfer> prepare(const FetchRequest& request, const FetchLimits& limits,
                                  bool trusted) {
    auto transfer = std::make_unique<Transfer>(limits.time_max);
    if (trusted) transfer->allow_private_addresses();
    transfer->set_answer_limits(limits.body_bytes_max, limits::fetch_header_bytes_max);
    transfer->set(CURLOPT_URL, request.url.c_str());
    transfer->set(CURLOPT_PROTOCOLS_STR, "http,https");
    transfer->set(CURLOPT_FOLLOWLOCATION, 0L);
    transfer->add_header("User-Agent: dunlin");
    transfer->add_header("Expect:");  // libcurl would wait a second for 100 Continue.
    for (const auto& [name, value] : request.headers) {
        // libcurl's way to say a header without a value.
        transfer->add_header(value.empty() ? name + ";" : name + ": " + value);
    }
    if (request.method == "HEAD") transfer->set(CURLOPT_NOBODY, 1L);
    if (!has_method_without_body(request) || !request.body.empty()) {
        transfer->set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        transfer->set(CURLOPT_COPYPOSTFIELDS, request.body.c_str());
    }
    if (request.method != "HEAD") transfer->set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    return transfer;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return out;
}

Headers parse_headers(const std::vector<std::string>& lines) {
    Headers headers;
    for (const std::string_view line : lines) {
        const auto colon = line.find(':');
        if (colon == line.npos) continue;  // the status line
        auto value = line.substr(colon + 1);
        while (value.starts_with(' ') || value.starts_with('\t')) value.remove_prefix(1);
        while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
        headers.emplace_back(lower(line.substr(0, colon)), value);
    }
    return headers;
}

/// Turns `request` into the one that a redirect asks for.
Result<Origin> redirect(FetchRequest& request, const Origin& from, std::string url) {
    auto to = parse_origin(url);
    if (!to) return to;
    if (from.scheme == "https" && to->scheme != "https") {
        return std::unexpected(Error{ErrorCode::Unavailable,
                                     fmt::format("{} redirects from https to http", from.host)});
    }
    if (*to != from) {
        std::erase_if(request.headers, [](const auto& header) {
            const std::string name = lower(header.first);
            return name == "authorization" || name == "cookie";
        });
    }
    request.url = std::move(url);
    return to;
}

}  // namespace

std::string_view FetchResponse::header(std::string_view name) const {
    for (const auto& [given, value] : headers) {
        if (given == name) return value;
    }
    return {};
}

Fetcher::Fetcher(Transfers& transfers, AddressGuard guard)
    : transfers_(transfers), guard_(std::move(guard)) {}

asio::awaitable<Result<FetchResponse>> Fetcher::fetch(FetchRequest request, FetchLimits limits) {
    const auto valid = check(request);
    if (!valid) co_return std::unexpected(valid.error());
    auto origin = parse_origin(request.url);
    if (!origin) co_return std::unexpected(origin.error());
    for (std::size_t redirects = 0;; ++redirects) {
        auto transfer =
            co_await transfers_.run(prepare(request, limits, guard_.trusts(origin->host)));
        if (!transfer) co_return std::unexpected(transfer.error());
        if (!(*transfer)->succeeded()) {
            co_return std::unexpected((*transfer)->failure(origin->host));
        }
        std::string next = (*transfer)->redirect_url();
        if (next.empty() || limits.redirects_max == 0 || !has_method_without_body(request)) {
            co_return FetchResponse{.status = (*transfer)->status(),
                                    .headers = parse_headers((*transfer)->head()),
                                    .body = std::move((*transfer)->body())};
        }
        if (redirects == std::min(limits.redirects_max, limits::fetch_redirects_max)) {
            co_return std::unexpected(
                Error{ErrorCode::Unavailable,
                      fmt::format("{} redirects more than {} times", origin->host, redirects)});
        }
        origin = redirect(request, *origin, std::move(next));
        if (!origin) co_return std::unexpected(origin.error());
    }
}

}  // namespace dunlin::outbound
