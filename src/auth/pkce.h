#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

/// Proof Key for Code Exchange (RFC 7636). Errors are InvalidInput with GoTrue's message, and
/// GoTrue's error code in `sqlstate`.
namespace dunlin::auth {

/// How a challenge was made of its verifier (RFC 7636 section 4.2).
enum class PkceMethod : std::uint8_t { S256, Plain };

/// "s256", "plain": as stored.
std::string_view pkce_method_name(PkceMethod method);

/// What the beginning of a flow sends: both or none. `method` in any case. Fails with
/// validation_failed when one is missing, the challenge is not of 43 to 128 unreserved characters,
/// or the method is neither s256 nor plain. Call it only when there is one of them: without both
/// the flow is another one.
Result<PkceMethod> check_pkce_challenge(std::string_view method, std::string_view challenge);

/// What the end of the flow sends. Fails with bad_code_verifier when `challenge` was not made of
/// this verifier, or it is none: not of 43 to 128 unreserved characters (section 4.1). Compares in
/// constant time.
Result<void> verify_pkce(PkceMethod method, std::string_view challenge, std::string_view verifier);

}  // namespace dunlin::auth
