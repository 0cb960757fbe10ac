#include "auth/jws.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>

#include "auth/base64url.h"
#include "auth/json_members.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr const char* no_suitable_key = "No suitable key or wrong key type";

std::unexpected<TokenRefusal> malformed(std::string message) {
    return std::unexpected(TokenRefusal{TokenFault::Malformed, std::move(message)});
}

/// RFC 7519 section 5.1: absent, or "JWT" in any case.
bool is_jwt_type(const json::object& header) {
    const auto* type = header.if_contains("typ");
    if (type == nullptr) return true;
    if (!type->is_string() || type->as_string().size() != 3) return false;
    const auto& text = type->as_string();
    return (text[0] | 0x20) == 'j' && (text[1] | 0x20) == 'w' && (text[2] | 0x20) == 't';
}

TokenResult<void> read_header(const json::object& header, Jws& jws) {
    const auto* algorithm = header.if_contains("alg");
    const auto* kid = header.if_contains("kid");
    const bool readable = algorithm != nullptr && algorithm->is_string() &&
                          (kid == nullptr || kid->is_string()) && is_jwt_type(header) &&
                          !header.contains("crit");
    if (!readable) return malformed(no_suitable_key);
    jws.algorithm = std::string(algorithm->as_string());
    if (kid != nullptr) jws.kid = std::string(kid->as_string());
    return {};
}

}  // namespace

TokenResult<Jws> parse_jws(std::string_view token, std::size_t bytes_max) {
    if (token.size() > bytes_max) return malformed("JWT couldn't be decoded");
    const auto parts = 1 + std::ranges::count(token, '.');
    if (parts != 3) return malformed(fmt::format("Expected 3 parts in JWT; got {}", parts));
    const auto first = token.find('.');
    const auto second = token.find('.', first + 1);
    const auto header_bytes = decode_base64url(token.substr(0, first));
    auto signature = decode_base64url(token.substr(second + 1));
    if (!header_bytes || !signature) return malformed("JWT cryptographic operation failed");
    const auto header = parse_json_object(*header_bytes);
    if (!header) return malformed(no_suitable_key);
    Jws jws{.signed_part = token.substr(0, second),
            .payload = token.substr(first + 1, second - first - 1),
            .signature = std::move(*signature)};
    const auto read = read_header(*header, jws);
    if (!read) return std::unexpected(read.error());
    return jws;
}

TokenResult<json::object> read_claims(const Jws& jws) {
    const auto bytes = decode_base64url(jws.payload);
    auto claims = bytes ? parse_json_object(*bytes) : std::nullopt;
    if (!claims) {
        return std::unexpected(TokenRefusal{TokenFault::ClaimWrong, "Parsing claims failed"});
    }
    return std::move(*claims);
}

std::string jws_signing_input(std::string_view header, std::string_view claims) {
    std::string input = encode_base64url(header);
    input.push_back('.');
    input += encode_base64url(claims);
    return input;
}

std::string jws_token(std::string signing_input, std::string_view signature) {
    signing_input.push_back('.');
    signing_input += encode_base64url(signature);
    return signing_input;
}

}  // namespace dunlin::auth
