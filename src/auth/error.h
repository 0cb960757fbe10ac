#pragma once

#include <string>
#include <string_view>

#include "core/error.h"

namespace dunlin::auth {

/// A refusal as auth-js knows it: `name` is its error code (`invalid_credentials`), kept in
/// Error::sqlstate; the HTTP status follows from `code`. Extra members of the answer, as JSON text
/// of an object, go to Error::details.
Error refused(ErrorCode code, std::string_view name, std::string message, std::string extra = {});

// What several flows refuse alike.
Error invalid_credentials();
Error validation_failed(std::string message);
Error user_not_found();
/// 422 email_exists, phone_exists: another account has the address.
Error email_exists();
Error phone_exists();
Error user_banned(ErrorCode code);
Error session_not_found(ErrorCode code);
Error factor_not_found();
/// 429 with the seconds until the next try is worth it.
Error over_limit(std::string_view name, std::string message, std::int64_t retry_after_s);

}  // namespace dunlin::auth
