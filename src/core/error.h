#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dunlin {

/// Why a request was refused. Each code maps to one HTTP status (`http_status`).
enum class ErrorCode : std::uint8_t {
    MultipleChoices,       // 300
    InvalidInput,          // 400
    Unauthorized,          // 401
    Forbidden,             // 403
    NotFound,              // 404
    MethodNotAllowed,      // 405
    NotAcceptable,         // 406
    Timeout,               // 408
    Conflict,              // 409
    TooLarge,              // 413
    UnsupportedMediaType,  // 415
    RangeNotSatisfiable,   // 416
    Unprocessable,         // 422
    LimitExceeded,         // 429
    Internal,              // 500
    NotSupported,          // 501
    Unavailable,           // 503
};

/// A refusal. Every text may be shown to the client: secrets go to the log only.
struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;
    /// PostgreSQL's SQLSTATE ("23505") or PostgREST's code ("PGRST116"); empty when neither
    /// applies.
    std::string sqlstate{};
    std::string details{};  // of PGRST201 a JSON array, else text
    std::string hint{};

    friend bool operator==(const Error&, const Error&) = default;
};

int http_status(ErrorCode code);
/// As above, and NNN for a function's `raise sqlstate 'PTNNN'`.
int http_status(const Error& error);

/// The code that goes with a SQLSTATE, after PostgREST's table: 23505 is Conflict, 42501 Forbidden,
/// 57014 Internal, 0A000 and what the table does not name InvalidInput.
ErrorCode code_of_sqlstate(std::string_view sqlstate);

/// An error as PostgreSQL would raise it.
Error sql_error(std::string_view sqlstate, std::string message, std::string details = {},
                std::string hint = {});

}  // namespace dunlin
