#include "auth/token.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <limits>
#include <optional>

#include "auth/digest.h"
#include "auth/jws.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

// Clocks of two machines differ: PostgREST allows the same 30 seconds.
constexpr std::int64_t clock_skew_s = 30;

constexpr std::int64_t date_max_s = 9'000'000'000'000'000;
constexpr std::int64_t never_s = std::numeric_limits<std::int64_t>::max();

std::unexpected<TokenRefusal> refused(TokenFault fault, std::string message) {
    return std::unexpected(TokenRefusal{fault, std::move(message)});
}

std::unexpected<TokenRefusal> no_number(std::string_view claim) {
    return refused(TokenFault::ClaimWrong,
                   fmt::format("The JWT '{}' claim must be a number", claim));
}

std::string text_claim(const json::object& claims, std::string_view name) {
    const auto* claim = claims.if_contains(name);
    return claim != nullptr && claim->is_string() ? std::string(claim->as_string()) : std::string();
}

/// A NumericDate (RFC 7519 section 2) in whole seconds, `absent_s` when there is none; nothing when
/// it is no number, or none that can be a date.
std::optional<std::int64_t> date_claim(const json::object& claims, std::string_view name,
                                       std::int64_t absent_s) {
    const auto* claim = claims.if_contains(name);
    if (claim == nullptr) return absent_s;
    if (claim->is_int64()) {
        const std::int64_t date_s = claim->as_int64();
        return date_s >= 0 && date_s <= date_max_s ? std::optional(date_s) : std::nullopt;
    }
    if (claim->is_double() && claim->as_double() >= 0 &&
        claim->as_double() <= static_cast<double>(date_max_s)) {
        return static_cast<std::int64_t>(claim->as_double());
    }
    return std::nullopt;
}

std::optional<Role> role_claim(const json::object& claims) {
    const std::string name = text_claim(claims, "role");
    for (const Role role : {Role::Anon, Role::Authenticated, Role::ServiceRole}) {
        if (role_name(role) == name) return role;
    }
    return std::nullopt;
}

std::unexpected<TokenRefusal> no_role(const std::string& name) {
    if (!name.empty())
        return refused(TokenFault::RoleUnknown, fmt::format("role \"{}\" does not exist", name));
    return refused(TokenFault::ClaimWrong,
                   "the token's role claim must be anon, authenticated or service_role");
}

/// What the claims say, whatever time it is.
TokenResult<ProvedToken> read_token(const ProvedClaims& proved) {
    const auto& claims = proved.claims;
    const auto expires_s = date_claim(claims, "exp", 0);
    if (!expires_s) return no_number("exp");
    const auto not_before_s = date_claim(claims, "nbf", 0);
    if (!not_before_s) return no_number("nbf");
    const auto issued_s = date_claim(claims, "iat", 0);
    if (!issued_s) return no_number("iat");
    const auto role = role_claim(claims);
    if (!role) return no_role(text_claim(claims, "role"));
    ProvedToken token;
    token.identity = {.role = *role,
                      .user_id = text_claim(claims, "sub"),
                      .session_id = text_claim(claims, "session_id"),
                      .claims = json::serialize(claims),
                      .expires_at_s = *expires_s};
    token.valid_from_s = std::max(*not_before_s, *issued_s) - clock_skew_s;
    token.valid_until_s = claims.contains("exp") ? *expires_s + clock_skew_s : never_s;
    token.proved_until_s = proved.proved_until_s == 0 ? never_s : proved.proved_until_s;
    return token;
}

}  // namespace

std::string sign_token(std::string_view claims, std::string_view secret) {
    std::string input = jws_signing_input(R"({"alg":"HS256","typ":"JWT"})", claims);
    const std::string signature = hmac_sha256(input, secret);
    return jws_token(std::move(input), signature);
}

TokenVerifier::TokenVerifier(const SigningKeys& keys, const Clock& clock)
    : keys_(keys), clock_(clock) {}

TokenResult<Identity> TokenVerifier::verify(std::string_view token) const {
    // Hashing what is too large to be a token would be work for whoever sends it.
    if (token.size() > token_bytes_max) {
        return refused(TokenFault::Malformed, "JWT couldn't be decoded");
    }
    const std::int64_t now_s = clock_.now_us() / 1'000'000;
    // Read before the keys are: a change in between makes the entry one of the past, not of now.
    const std::uint64_t version = keys_.version();
    const std::string hash = sha256(token);
    if (auto known = proved_.find(hash, version, now_s)) return std::move(*known);

    const auto claims = keys_.verify(token);
    if (!claims) return std::unexpected(claims.error());
    auto read = read_token(*claims);
    if (!read) return std::unexpected(read.error());
    if (read->valid_until_s <= now_s) return refused(TokenFault::Expired, "JWT expired");
    if (read->valid_from_s > now_s) {
        const bool waits = date_claim(claims->claims, "nbf", 0) > now_s + clock_skew_s;
        return refused(TokenFault::NotYetValid,
                       waits ? "JWT not yet valid" : "JWT issued at future");
    }
    Identity identity = read->identity;
    proved_.insert(hash, version, std::move(*read));
    return identity;
}

}  // namespace dunlin::auth
