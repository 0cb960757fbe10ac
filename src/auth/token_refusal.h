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
    NotYetValid,     // nbf or iat is to come
    SessionEnded,    // signed out, evicted or banned since
    ClaimWrong,      // exp, nbf or iat is no number, there is no role, or the claims are no object
    RoleUnknown,     // role is none of ours
};

/// A refused token. `message` and `details` are PostgREST's and may be shown: of the token they
/// hold at most the name of a role, and that only when it was proved.
struct TokenRefusal {
    TokenFault fault = TokenFault::Malformed;
    std::string message;
    std::string details{};
};

/// What proves a token returns: T, or why not.
template <typename T>
using TokenResult = std::expected<T, TokenRefusal>;

/// As the data API says it: Unauthorized with PostgREST's code, PGRST301 for what is no token of
/// ours, PGRST303 for claims that do not hold and 22023 for an unknown role.
Error error_of(const TokenRefusal& refusal);

}  // namespace dunlin::auth
