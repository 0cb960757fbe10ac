#include "core/error.h"

namespace dunlin {

int http_status(ErrorCode code) {
    switch (code) {
        case ErrorCode::MultipleChoices:
            return 300;
        case ErrorCode::InvalidInput:
            return 400;
        case ErrorCode::Unauthorized:
            return 401;
        case ErrorCode::Forbidden:
            return 403;
        case ErrorCode::NotFound:
            return 404;
        case ErrorCode::MethodNotAllowed:
            return 405;
        case ErrorCode::NotAcceptable:
            return 406;
        case ErrorCode::Timeout:
            return 408;
        case ErrorCode::Conflict:
            return 409;
        case ErrorCode::TooLarge:
            return 413;
        case ErrorCode::UnsupportedMediaType:
            return 415;
        case ErrorCode::RangeNotSatisfiable:
            return 416;
        case ErrorCode::LimitExceeded:
            return 429;
        case ErrorCode::Internal:
            return 500;
        case ErrorCode::NotSupported:
            return 501;
        case ErrorCode::Unavailable:
            return 503;
    }
    return 500;
}

ErrorCode code_of_sqlstate(std::string_view sqlstate) {
    if (sqlstate == "23503" || sqlstate == "23505") return ErrorCode::Conflict;
    if (sqlstate == "42501") return ErrorCode::Forbidden;
    if (sqlstate == "42883" || sqlstate == "42P01") return ErrorCode::NotFound;
    if (sqlstate == "57014") return ErrorCode::Timeout;
    if (sqlstate == "0A000") return ErrorCode::NotSupported;
    const auto family = sqlstate.substr(0, 2);
    if (family == "08" || family == "53") return ErrorCode::Unavailable;
    if (family == "54" || family == "55" || family == "58" || family == "XX") {
        return ErrorCode::Internal;
    }
    return ErrorCode::InvalidInput;
}

Error sql_error(std::string_view sqlstate, std::string message, std::string details,
                std::string hint) {
    return Error{code_of_sqlstate(sqlstate), std::move(message), std::string(sqlstate),
                 std::move(details), std::move(hint)};
}

}  // namespace dunlin
