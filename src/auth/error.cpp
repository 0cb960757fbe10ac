#include "auth/error.h"

#include <fmt/format.h>

namespace dunlin::auth {

Error refused(ErrorCode code, std::string_view name, std::string message, std::string extra) {
    return Error{code, std::move(message), std::string(name), std::move(extra)};
}

Error invalid_credentials() {
    return refused(ErrorCode::InvalidInput, "invalid_credentials", "Invalid login credentials");
}

Error validation_failed(std::string message) {
    return refused(ErrorCode::InvalidInput, "validation_failed", std::move(message));
}

Error user_not_found() {
    return refused(ErrorCode::NotFound, "user_not_found", "User not found");
}

Error email_exists() {
    return refused(ErrorCode::Unprocessable, "email_exists",
                   "A user with this email address has already been registered");
}

Error phone_exists() {
    return refused(ErrorCode::Unprocessable, "phone_exists",
                   "Phone number already registered by another user");
}

Error user_banned(ErrorCode code) {
    return refused(code, "user_banned", "User is banned");
}

Error session_not_found(ErrorCode code) {
    return refused(code, "session_not_found",
                   "Session from session_id claim in JWT does not exist");
}

Error factor_not_found() {
    return refused(ErrorCode::NotFound, "mfa_factor_not_found", "Factor not found");
}

Error over_limit(std::string_view name, std::string message, std::int64_t retry_after_s) {
    return refused(ErrorCode::LimitExceeded, name, std::move(message),
                   fmt::format(R"({{"retry_after":{}}})", retry_after_s));
}

}  // namespace dunlin::auth
