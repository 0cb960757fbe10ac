#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "auth/token_refusal.h"

namespace dunlin::auth {

constexpr std::size_t token_bytes_max = 8 * 1024;

/// A JWS in its compact form (RFC 7515 section 3.1), taken apart and not proved. Views point into
/// the token.
struct Jws {
    std::string algorithm;           // header alg, as written
    std::optional<std::string> kid;  // header kid
    std::string_view signed_part;    // header and payload with the dot between them
    std::string_view payload;        // base64url: not to be read before the signature is proved
    std::string signature;           // bytes
};

/// Reads everything but the payload. Malformed: other than three parts, over `bytes_max`, a
/// header that is no JSON object, a typ other than JWT, an alg or kid that is no text, and crit,
/// since we implement no extension (RFC 7515 section 4.1.11). jku, jwk, x5u and x5c are not looked
/// at: a token does not bring its own key.
TokenResult<Jws> parse_jws(std::string_view token, std::size_t bytes_max = token_bytes_max);

/// The payload as a JSON object. Call it once the signature is proved.
TokenResult<boost::json::object> read_claims(const Jws& jws);

/// What is signed: both parts (JSON texts) as base64url, joined by a dot.
std::string jws_signing_input(std::string_view header, std::string_view claims);

/// The token of a signing input and its signature (bytes).
std::string jws_token(std::string signing_input, std::string_view signature);

}  // namespace dunlin::auth
