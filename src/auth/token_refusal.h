#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "core/error.h"

namespace dunlin::auth {

/// Why a token proves nothing.
enum class TokenFault : std::uint8_t {
    Malformed,       // no JWT in the compact form, or more than its limits
    KeyUnknown,      // no key of ours has its kid and algorithm
    SignatureWrong,  // not signed by the key it names
    Expired,         // exp is past
    NotYetValid,     // nbf is to come
    SessionEnded,    // signed out, evicted or banned since
    ClaimWrong,      // exp or nbf is no number, or role is none of ours
};

/// A refused token. `message` may be shown: it holds nothing of the token.
struct TokenRefusal {
    TokenFault fault = TokenFault::Malformed;
    std::string message;
};

/// What proves a token returns: T, or why not.
template <typename T>
using TokenResult = std::expected<T, TokenRefusal>;

/// As the data API says it: Unauthorized with PostgREST's code, PGRST301 for what is no token of
/// ours and PGRST303 for claims that do not hold.
Error error_of(const TokenRefusal& refusal);

}  // namespace dunlin::auth
