#include "auth/jws.h"

#include <boost/json/value.hpp>

#include "auth/base64url.h"
#include "auth/json_members.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

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
    if (!readable) return malformed("No suitable key or wrong key type");
    jws.algorithm = std::string(algorithm->as_string());
    if (kid != nullptr) jws.kid = std::string(kid->as_string());
    return {};
}

}  // namespace

TokenResult<Jws> parse_jws(std::string_view token, std::size_t bytes_max) {
    const auto first = token.find('.');
    const auto second = first == token.npos ? token.npos : token.find('.', first + 1);
    if (token.size() > bytes_max || second == token.npos ||
        token.find('.', second + 1) != token.npos) {
        return malformed("Expected 3 parts in JWT");
    }
    const auto header_bytes = decode_base64url(token.substr(0, first));
    auto signature = decode_base64url(token.substr(second + 1));
    if (!header_bytes || !signature) return malformed("JWT cryptographic operation failed");
    const auto header = parse_json_object(*header_bytes);
    if (!header) return malformed("No suitable key or wrong key type");
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
    if (!claims) return malformed("JWT claims are not a JSON object");
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
