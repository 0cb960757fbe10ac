#include "auth/id_token.h"

#include <algorithm>

#include "auth/base64url.h"
#include "auth/digest.h"
#include "auth/error.h"
#include "auth/json_members.h"
#include "auth/jws.h"
#include "core/limits.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

// As for our own tokens: clocks of two machines differ.
constexpr std::int64_t clock_skew_s = 30;

Error refusal(std::string message) {
    return validation_failed(std::move(message));
}

bool contains(const std::vector<std::string>& texts, std::string_view text) {
    return !text.empty() && std::ranges::find(texts, text) != texts.end();
}

/// The audience, which is one text or several (RFC 7519 section 4.1.3).
std::vector<std::string> audiences_of(const json::object& claims) {
    const auto* audience = claims.if_contains("aud");
    if (audience == nullptr) return {};
    if (audience->is_string()) return {std::string(audience->as_string())};
    std::vector<std::string> audiences;
    if (!audience->is_array()) return audiences;
    for (const json::value& entry : audience->as_array()) {
        if (entry.is_string()) audiences.emplace_back(entry.as_string());
    }
    return audiences;
}

Result<void> check_audience(const json::object& claims, const std::vector<std::string>& expected) {
    const auto audiences = audiences_of(claims);
    const bool ours = std::ranges::any_of(
        audiences, [&](const std::string& audience) { return contains(expected, audience); });
    if (!ours) return std::unexpected(refusal("Unacceptable audience in id_token"));
    // A token for several must say whom it was made for. With one audience azp may be another
    // client of the same project: Google's, for an application on a telephone.
    if (audiences.size() > 1 && !contains(expected, text_member(claims, "azp"))) {
        return std::unexpected(refusal("Unacceptable audience in id_token"));
    }
    return {};
}

Result<void> check_times(const json::object& claims, std::int64_t now_s) {
    const auto expires = date_member(claims, "exp");
    if (!expires) return std::unexpected(bad_id_token("it has no exp claim"));
    if (*expires <= now_s - clock_skew_s) return std::unexpected(bad_id_token("it has expired"));
    const auto issued = date_member(claims, "iat");
    if (!issued) return std::unexpected(bad_id_token("it has no iat claim"));
    const auto not_before = date_member(claims, "nbf").value_or(*issued);
    if (std::max(*issued, not_before) > now_s + clock_skew_s) {
        return std::unexpected(bad_id_token("it is not valid yet"));
    }
    return {};
}

Result<void> check_nonce(const json::object& claims, const IdTokenRules& rules) {
    if (rules.nonce_rule == NonceRule::Ignored) return {};
    const std::string found = text_member(claims, "nonce");
    if (found.empty() != rules.nonce.empty()) {
        return std::unexpected(
            refusal("Passed nonce and nonce in id_token should either both exist or not."));
    }
    if (found.empty()) return {};
    const std::string expected =
        rules.nonce_rule == NonceRule::Exact ? rules.nonce : to_hex(sha256(rules.nonce));
    if (!equal_in_constant_time(found, expected))
        return std::unexpected(refusal("Nonces mismatch"));
    return {};
}

/// Section 3.1.3.6: the left half of the hash that the token's algorithm uses, SHA-256 for both.
Result<void> check_access_token(const json::object& claims, std::string_view access_token) {
    const std::string expected = text_member(claims, "at_hash");
    if (access_token.empty() || expected.empty()) return {};
    if (encode_base64url(sha256(access_token).substr(0, 16)) == expected) return {};
    return std::unexpected(bad_id_token("its at_hash is not that of the access token"));
}

bool is_tenant(std::string_view text) {
    return text.size() == 36 && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-';
           });
}

/// `issuer` with the token's tenant in the place of `{tenantid}`; "" when it has none.
std::string with_tenant(std::string issuer, const json::object& claims) {
    constexpr std::string_view placeholder = "{tenantid}";
    const auto at = issuer.find(placeholder);
    if (at == issuer.npos) return issuer;
    const std::string tenant = text_member(claims, "tid");
    if (!is_tenant(tenant)) return "";
    return issuer.replace(at, placeholder.size(), tenant);
}

}  // namespace

std::string IdToken::issuer() const {
    return text_member(claims, "iss");
}

Error bad_id_token(std::string reason) {
    Error error = validation_failed("Bad ID token");
    error.hint = std::move(reason);
    return error;
}

Result<IdToken> parse_id_token(std::string_view text) {
    const auto jws = parse_jws(text, limits::id_token_bytes_max);
    if (!jws) return std::unexpected(bad_id_token(jws.error().message));
    const auto algorithm = algorithm_named(jws->algorithm);
    if (!algorithm) return std::unexpected(bad_id_token("it is signed by neither RS256 nor ES256"));
    // Read before the signature is proved: the issuer says whose keys to ask for.
    auto claims = read_claims(*jws);
    if (!claims) return std::unexpected(bad_id_token(claims.error().message));
    return IdToken{.algorithm = *algorithm,
                   .key_id = jws->kid.value_or(""),
                   .claims = std::move(*claims),
                   .signed_text = std::string(jws->signed_part),
                   .signature = jws->signature};
}

bool is_expected_issuer(const IdToken& token, const IdTokenRules& rules) {
    const std::string issuer = token.issuer();
    return !issuer.empty() && std::ranges::any_of(rules.issuers, [&](const std::string& expected) {
        return with_tenant(expected, token.claims) == issuer;
    });
}

Result<void> check_claims(const IdToken& token, const IdTokenRules& rules) {
    if (!is_expected_issuer(token, rules)) {
        return std::unexpected(bad_id_token("its issuer is not the provider's"));
    }
    if (text_member(token.claims, "sub").empty()) {
        return std::unexpected(refusal("Missing sub claim in id_token"));
    }
    if (auto valid = check_audience(token.claims, rules.audiences); !valid) return valid;
    if (auto valid = check_times(token.claims, rules.now_s); !valid) return valid;
    if (auto valid = check_nonce(token.claims, rules); !valid) return valid;
    return check_access_token(token.claims, rules.access_token);
}

const PublicKey* find_key(const IdToken& token, std::span<const PublicKey> keys) {
    const PublicKey* found = nullptr;
    for (const PublicKey& key : keys) {
        if (key.algorithm != token.algorithm) continue;
        if (!token.key_id.empty() && key.id != token.key_id) continue;
        if (token.key_id.empty() && found != nullptr) return nullptr;  // which one?
        if (found == nullptr) found = &key;
    }
    return found;
}

Result<void> check_signature(const IdToken& token, const PublicKey& key) {
    const bool may_sign =
        key.issuer.empty() || with_tenant(key.issuer, token.claims) == token.issuer();
    if (key.algorithm != token.algorithm || !may_sign ||
        !key.verifies(token.signed_text, token.signature)) {
        return std::unexpected(bad_id_token("its signature is not the provider's"));
    }
    return {};
}

}  // namespace dunlin::auth
