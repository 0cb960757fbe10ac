#include "auth/oauth_requests.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "auth/base64url.h"
#include "auth/error.h"
#include "auth/json_members.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::string_view own_parameters[] = {"client_id",
                                               "client_secret",
                                               "redirect_uri",
                                               "response_type",
                                               "response_mode",
                                               "scope",
                                               "state",
                                               "nonce",
                                               "code",
                                               "code_challenge",
                                               "code_challenge_method",
                                               "request",
                                               "request_uri"};
constexpr std::size_t quoted_bytes_max = 200;

void append_encoded(std::string& out, std::string_view text) {
    for (const char c : text) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') || std::string_view("-._~").contains(c);
        if (unreserved) {
            out.push_back(c);
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
}

std::string encoded(std::string_view text) {
    std::string out;
    append_encoded(out, text);
    return out;
}

std::string base64(std::string_view bytes) {
    std::string text = encode_base64url(bytes);
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

std::string joined_scopes(std::vector<std::string> scopes, const std::vector<std::string>& more) {
    for (const std::string& scope : more) {
        if (std::ranges::find(scopes, scope) == scopes.end()) scopes.push_back(scope);
    }
    return fmt::format("{}", fmt::join(scopes, " "));
}

/// What a provider says of a failure: printable and short, for whoever debugs it.
std::string quoted(const json::object& answer) {
    std::string text = text_member(answer, "error");
    const std::string description = text_member(answer, "error_description");
    if (!description.empty()) text += ": " + description;
    std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c >= 0x7f; }, ' ');
    if (text.size() > quoted_bytes_max) text.resize(quoted_bytes_max);
    return text;
}

Error exchange_failed(ErrorCode code, std::string hint) {
    const bool ours = code == ErrorCode::Unavailable;
    Error error = refused(code, ours ? "unexpected_failure" : "bad_oauth_callback",
                          "Unable to exchange external code");
    error.hint = std::move(hint);
    return error;
}

}  // namespace

std::string encode_query(const QueryParameters& parameters) {
    std::string text;
    for (const auto& [name, value] : parameters) {
        if (!text.empty()) text.push_back('&');
        append_encoded(text, name);
        text.push_back('=');
        append_encoded(text, value);
    }
    return text;
}

Result<std::string> authorize_url(const ProviderSettings& settings,
                                  const ProviderEndpoints& endpoints,
                                  const AuthorizeRequest& request) {
    QueryParameters parameters = {{"client_id", settings.client_id()},
                                  {"redirect_uri", request.redirect_uri},
                                  {"response_type", "code"},
                                  {"scope", joined_scopes(settings.scopes, request.scopes)},
                                  {"state", request.state},
                                  {"code_challenge", request.code_challenge},
                                  {"code_challenge_method", "S256"}};
    if (!request.nonce.empty() && !settings.issuers.empty())
        parameters.emplace_back("nonce", request.nonce);
    // Apple gives name and address only when it may post them.
    if (settings.kind == ProviderKind::Apple) parameters.emplace_back("response_mode", "form_post");
    for (const auto* extra : {&settings.options.extra_query, &request.extra_query}) {
        for (const auto& [name, value] : *extra) {
            if (std::ranges::find(own_parameters, name) != std::end(own_parameters)) {
                return std::unexpected(validation_failed(
                    fmt::format("the query parameter {} is the server's own", name)));
            }
            parameters.emplace_back(name, value);
        }
    }
    const char joint = endpoints.authorization.contains('?') ? '&' : '?';
    return endpoints.authorization + joint + encode_query(parameters);
}

outbound::FetchRequest token_request(const ProviderSettings& settings,
                                     const ProviderEndpoints& endpoints,
                                     const CodeExchange& exchange, std::string_view client_secret) {
    QueryParameters form = {{"grant_type", "authorization_code"},
                            {"code", exchange.code},
                            {"redirect_uri", exchange.redirect_uri},
                            {"code_verifier", exchange.code_verifier}};
    outbound::FetchRequest request{
        .method = "POST",
        .url = endpoints.token,
        .headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                    {"Accept", "application/json"}}};
    if (endpoints.client_authentication == ClientAuthentication::Basic) {
        request.headers.emplace_back(
            "Authorization",
            "Basic " + base64(encoded(settings.client_id()) + ":" + encoded(client_secret)));
    } else {
        form.emplace_back("client_id", settings.client_id());
        if (!client_secret.empty()) form.emplace_back("client_secret", client_secret);
    }
    request.body = encode_query(form);
    return request;
}

Result<ProviderTokens> parse_token_answer(const outbound::FetchResponse& response) {
    const auto answer = parse_json_object(response.body);
    if (!answer) {
        return std::unexpected(
            exchange_failed(ErrorCode::Unavailable,
                            fmt::format("the provider answered {} without JSON", response.status)));
    }
    // GitHub reports errors with status 200.
    if (answer->contains("error")) {
        return std::unexpected(exchange_failed(ErrorCode::InvalidInput, quoted(*answer)));
    }
    ProviderTokens tokens{.access_token = text_member(*answer, "access_token"),
                          .id_token = text_member(*answer, "id_token"),
                          .refresh_token = text_member(*answer, "refresh_token"),
                          .expires_in_s = date_member(*answer, "expires_in").value_or(0)};
    if (response.status != 200 || tokens.access_token.empty()) {
        return std::unexpected(exchange_failed(
            ErrorCode::Unavailable,
            fmt::format("the provider answered {} without an access token", response.status)));
    }
    return tokens;
}

}  // namespace dunlin::auth
