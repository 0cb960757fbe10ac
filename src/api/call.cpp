#include "api/call.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/ascii.h"

namespace dunlin::api {

namespace {

bool is_reading(const http::Request& request) {
    return request.method == http::Method::Get || request.method == http::Method::Head;
}

bool rolls_back(const RestSettings& settings, const Preferences& preferences) {
    const TransactionEnd end = settings.transaction_end;
    const bool by_default =
        end == TransactionEnd::Rollback || end == TransactionEnd::RollbackAllowOverride;
    if (!preferences.transaction) return by_default;
    return *preferences.transaction == Transaction::Rollback;
}

bool may_choose_end(const RestSettings& settings) {
    return settings.transaction_end == TransactionEnd::CommitAllowOverride ||
           settings.transaction_end == TransactionEnd::RollbackAllowOverride;
}

}  // namespace

std::string_view bearer_of(const http::Request& request) {
    const std::string_view header = request.header("authorization");
    constexpr std::string_view prefix = "Bearer ";
    if (header.size() < prefix.size()) return {};
    if (!http::equal_ignoring_case(header.substr(0, prefix.size()), prefix)) return {};
    return header.substr(prefix.size());
}

std::string all_headers(const http::Request& request, std::string_view name) {
    std::string list;
    for (const auto& [field, value] : request.headers) {
        if (!http::equal_ignoring_case(field, name)) continue;
        if (!list.empty()) list += ", ";
        list += value;
    }
    return list;
}

std::string encode_percent(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter || (c >= '0' && c <= '9') || std::string_view("-_.~").contains(c))
            out.push_back(c);
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

Result<Identity> authenticate(const auth::Authenticator& authenticator,
                              const http::Request& request) {
    if (http::equal_ignoring_case(http::trim(request.header("authorization")), "bearer")) {
        return std::unexpected(Error{ErrorCode::Unauthorized,
                                     "Empty JWT is sent in Authorization header", "PGRST301"});
    }
    std::string key(request.header("apikey"));
    if (key.empty()) key = request.parameter("apikey").value_or("");
    return authenticator.authenticate(key, bearer_of(request));
}

Result<Profile> read_profile(const RestSettings& settings, const http::Request& request) {
    const auto profile = request.header(is_reading(request) ? "accept-profile" : "content-profile");
    const auto& schemas = settings.schemas;
    if (profile.empty()) return Profile{schemas.front(), schemas.size() > 1};
    if (std::ranges::find(schemas, profile) != schemas.end()) {
        return Profile{std::string(profile), true};
    }
    return std::unexpected(
        Error{ErrorCode::NotAcceptable, fmt::format("Invalid schema: {}", profile), "PGRST106", "",
              fmt::format("Only the following schemas are exposed: {}", fmt::join(schemas, ", "))});
}

Result<Call> read_call(const auth::Authenticator& authenticator, const RestSettings& settings,
                       const http::Request& request) {
    return read_call(authenticator, settings, request, http::parse_query(request.query));
}

Result<Call> read_call(const auth::Authenticator& authenticator, const RestSettings& settings,
                       const http::Request& request,
                       const std::vector<std::pair<std::string, std::string>>& parameters) {
    Call call;
    auto identity = authenticate(authenticator, request);
    if (!identity) return std::unexpected(identity.error());
    call.identity = std::move(*identity);
    auto profile = read_profile(settings, request);
    if (!profile) return std::unexpected(profile.error());
    call.schema = std::move(profile->schema);
    call.schema_negotiated = profile->negotiated;
    auto media = accepted_media(all_headers(request, "accept"),
                                settings.plan ? Plans::Allowed : Plans::Refused);
    if (!media) return std::unexpected(media.error());
    call.media = std::move(*media);
    auto parsed = query::parse_rest_query(parameters);
    if (!parsed) return std::unexpected(parsed.error());
    call.query = std::move(*parsed);
    auto preferences = Preferences::parse(all_headers(request, "prefer"));
    if (!preferences) return std::unexpected(preferences.error());
    call.preferences = std::move(*preferences);
    if (!may_choose_end(settings)) call.preferences.transaction.reset();
    call.rolls_back = rolls_back(settings, call.preferences);
    return call;
}

Result<query::Body> read_body(const http::Request& request) {
    const std::string_view header = request.header("content-type");
    const auto type = http::trim(header.substr(0, header.find(';')));
    if (type.empty() || type == "application/json" || type.starts_with("application/vnd.pgrst.")) {
        return query::parse_json_body(request.body);
    }
    if (type == "text/csv") return query::parse_csv_body(request.body);
    if (type == "application/x-www-form-urlencoded") {
        return query::form_body(http::parse_query(request.body));
    }
    return std::unexpected(Error{ErrorCode::UnsupportedMediaType,
                                 fmt::format("Content-Type not acceptable: {}", type), "PGRST102"});
}

}  // namespace dunlin::api
