#include "auth/token.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "auth/base64url.h"
#include "core/check.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::size_t token_bytes_max = 8 * 1024;
constexpr std::string_view expired_message = "JWT expired";

// Clocks of two machines differ: PostgREST allows the same 30 seconds.
constexpr std::int64_t clock_skew_s = 30;

std::string hmac_sha256(std::string_view text, std::string_view secret) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    const auto* made = HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                            reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                            digest.data(), &size);
    CHECK(made != nullptr);
    return {reinterpret_cast<const char*>(digest.data()), size};
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() &&
           CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

Error refusal(std::string_view code, std::string message, std::string details = "") {
    return Error{ErrorCode::Unauthorized, std::move(message), std::string(code),
                 std::move(details)};
}

Error no_key(std::string details) {
    return refusal("PGRST301", "No suitable key or wrong key type", std::move(details));
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

/// A NumericDate (RFC 7519 section 2) in whole seconds; nothing when absent.
Result<std::optional<std::int64_t>> date_claim(const json::object& claims, std::string_view name) {
    const auto* claim = claims.if_contains(name);
    if (claim == nullptr) return std::nullopt;
    if (claim->is_int64()) return claim->as_int64();
    if (claim->is_double() && claim->as_double() > 0 && claim->as_double() < 9e15) {
        return static_cast<std::int64_t>(claim->as_double());
    }
    return std::unexpected(
        refusal("PGRST303", fmt::format("The JWT '{}' claim must be a number", name)));
}

Result<Role> role_claim(const json::object& claims) {
    const std::string name = text_claim(claims, "role");
    for (const Role role : {Role::Anon, Role::Authenticated, Role::ServiceRole}) {
        if (role_name(role) == name) return role;
    }
    if (name.empty()) {
        return std::unexpected(refusal(
            "PGRST303", "the token's role claim must be anon, authenticated or service_role"));
    }
    return std::unexpected(refusal("22023", fmt::format("role \"{}\" does not exist", name)));
}

Result<Identity> identity_of(const json::object& claims, std::int64_t now_s) {
    const auto expires = date_claim(claims, "exp");
    if (!expires) return std::unexpected(expires.error());
    if (*expires && **expires <= now_s - clock_skew_s)
        return std::unexpected(refusal("PGRST303", std::string(expired_message)));
    const auto not_before = date_claim(claims, "nbf");
    if (!not_before) return std::unexpected(not_before.error());
    if (*not_before && **not_before > now_s + clock_skew_s)
        return std::unexpected(refusal("PGRST303", "JWT not yet valid"));
    const auto issued = date_claim(claims, "iat");
    if (!issued) return std::unexpected(issued.error());
    if (*issued && **issued > now_s + clock_skew_s)
        return std::unexpected(refusal("PGRST303", "JWT issued at future"));
    const auto role = role_claim(claims);
    if (!role) return std::unexpected(role.error());
    return Identity{.role = *role,
                    .user_id = text_claim(claims, "sub"),
                    .session_id = text_claim(claims, "session_id"),
                    .claims = json::serialize(claims),
                    .expires_at_s = expires->value_or(0)};
}

}  // namespace

std::string sign_token(std::string_view claims, std::string_view secret) {
    std::string token = encode_base64url(R"({"alg":"HS256","typ":"JWT"})");
    token.push_back('.');
    token += encode_base64url(claims);
    const std::string signature = hmac_sha256(token, secret);
    token.push_back('.');
    token += encode_base64url(signature);
    return token;
}

bool is_expired(const Error& refusal) {
    return refusal.sqlstate == "PGRST303" && refusal.message == expired_message;
}

TokenVerifier::TokenVerifier(std::string secret, const Clock& clock)
    : secret_(std::move(secret)), clock_(clock) {}

Result<Identity> TokenVerifier::verify(std::string_view token) const {
    if (token.size() > token_bytes_max)
        return std::unexpected(refusal("PGRST301", "JWT couldn't be decoded"));
    const auto parts = 1 + std::ranges::count(token, '.');
    if (parts != 3) {
        return std::unexpected(
            refusal("PGRST301", fmt::format("Expected 3 parts in JWT; got {}", parts)));
    }
    const auto first = token.find('.');
    const auto second = token.find('.', first + 1);
    const auto header_bytes = decode_base64url(token.substr(0, first));
    const auto signature = decode_base64url(token.substr(second + 1));
    if (!header_bytes || !signature)
        return std::unexpected(refusal("PGRST301", "JWT cryptographic operation failed"));
    const auto header = parse_object(*header_bytes);
    if (!header || text_claim(*header, "alg") != "HS256")
        return std::unexpected(no_key("No suitable key was found to decode the JWT"));
    if (!equal_in_constant_time(*signature, hmac_sha256(token.substr(0, second), secret_)))
        return std::unexpected(no_key("None of the keys was able to decode the JWT"));
    const auto claims_bytes = decode_base64url(token.substr(first + 1, second - first - 1));
    const auto claims = claims_bytes ? parse_object(*claims_bytes) : std::nullopt;
    if (!claims) return std::unexpected(refusal("PGRST303", "Parsing claims failed"));
    return identity_of(*claims, clock_.now_us() / 1'000'000);
}

}  // namespace dunlin::auth
