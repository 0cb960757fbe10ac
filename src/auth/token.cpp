#include "auth/token.h"

#include <openssl/crypto.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "auth/base64url.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::size_t token_bytes_max = 8 * 1024;
constexpr std::string_view expired_message = "JWT expired";

// Clocks of two machines differ: PostgREST allows the same 30 seconds.
constexpr std::int64_t clock_skew_s = 30;

bool equal_in_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() &&
           CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

Error refusal(std::string_view code, std::string message) {
    return Error{ErrorCode::Unauthorized, std::move(message), std::string(code)};
}

std::optional<json::object> parse_object(std::string_view text) {
    boost::system::error_code failure;
    json::parse_options options;
    options.max_depth = 16;
    auto value = json::parse(text, failure, {}, options);
    if (failure || !value.is_object()) return std::nullopt;
    return std::move(value.as_object());
}

std::string text_claim(const json::object& claims, std::string_view name) {
    const auto* claim = claims.if_contains(name);
    return claim != nullptr && claim->is_string() ? std::string(claim->as_string()) : std::string();
}

/// A NumericDate (RFC 7519 section 2) in whole seconds; nothing when absent or not a number.
std::optional<std::int64_t> date_claim(const json::object& claims, std::string_view name) {
    const auto* claim = claims.if_contains(name);
    if (claim == nullptr) return std::nullopt;
    if (claim->is_int64()) return claim->as_int64();
    if (claim->is_double() && claim->as_double() > 0 && claim->as_double() < 9e15) {
        return static_cast<std::int64_t>(claim->as_double());
    }
    return std::nullopt;
}

Result<Role> role_claim(const json::object& claims) {
    const std::string name = text_claim(claims, "role");
    for (const Role role : {Role::Anon, Role::Authenticated, Role::ServiceRole}) {
        if (role_name(role) == name) return role;
    }
    return std::unexpected(refusal("PGRST303",
                                   "the token's role claim must be anon, authenticated or "
                                   "service_role"));
}

Result<Identity> identity_of(const json::object& claims, std::int64_t now_s) {
    const auto expires = date_claim(claims, "exp");
    if (claims.contains("exp") && !expires) {
        return std::unexpected(refusal("PGRST303", "the token's exp claim must be a number"));
    }
    if (expires && *expires + clock_skew_s <= now_s) {
        return std::unexpected(refusal("PGRST303", std::string(expired_message)));
    }
    const auto not_before = date_claim(claims, "nbf");
    if (not_before && *not_before > now_s + clock_skew_s) {
        return std::unexpected(refusal("PGRST303", "JWT not yet valid"));
    }
    const auto role = role_claim(claims);
    if (!role) return std::unexpected(role.error());
    return Identity{.role = *role,
                    .user_id = text_claim(claims, "sub"),
                    .session_id = text_claim(claims, "session_id"),
                    .claims = json::serialize(claims),
                    .expires_at_s = expires.value_or(0)};
}

}  // namespace

std::string sign_token(std::string_view claims, std::string_view secret) {
    std::string token = encode_base64url(R"({"alg":"HS256","typ":"JWT"})");
    token.push_back('.');
    token += encode_base64url(claims);
    const std::string signature = Hmac(secret).of(token);
    token.push_back('.');
    token += encode_base64url(signature);
    return token;
}

bool is_expired(const Error& refusal) {
    return refusal.sqlstate == "PGRST303" && refusal.message == expired_message;
}

TokenVerifier::TokenVerifier(std::string_view secret, const Clock& clock)
    : hmac_(secret), clock_(clock) {}

Result<Identity> TokenVerifier::verify(std::string_view token) const {
    const auto first = token.find('.');
    const auto second = first == token.npos ? token.npos : token.find('.', first + 1);
    if (token.size() > token_bytes_max || second == token.npos ||
        token.find('.', second + 1) != token.npos) {
        return std::unexpected(refusal("PGRST301", "Expected 3 parts in JWT"));
    }
    const auto header_bytes = decode_base64url(token.substr(0, first));
    const auto signature = decode_base64url(token.substr(second + 1));
    if (!header_bytes || !signature) {
        return std::unexpected(refusal("PGRST301", "JWT cryptographic operation failed"));
    }
    const auto header = parse_object(*header_bytes);
    if (!header || text_claim(*header, "alg") != "HS256") {
        return std::unexpected(refusal("PGRST301", "No suitable key or wrong key type"));
    }
    if (!equal_in_constant_time(*signature, hmac_.of(token.substr(0, second)))) {
        return std::unexpected(refusal("PGRST301", "JWT cryptographic operation failed"));
    }
    const auto claims_bytes = decode_base64url(token.substr(first + 1, second - first - 1));
    const auto claims = claims_bytes ? parse_object(*claims_bytes) : std::nullopt;
    if (!claims) return std::unexpected(refusal("PGRST301", "JWT claims are not a JSON object"));
    return identity_of(*claims, clock_.now_us() / 1'000'000);
}

}  // namespace dunlin::auth
