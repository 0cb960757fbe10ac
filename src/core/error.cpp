#include "core/error.h"

#include <algorithm>
#include <utility>

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
        case ErrorCode::Unprocessable:
            return 422;
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

int http_status(const Error& error) {
    const std::string_view state = error.sqlstate;
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (state.size() == 5 && state.starts_with("PT") &&
        std::all_of(state.begin() + 2, state.end(), is_digit)) {
        const int status = (state[2] - '0') * 100 + (state[3] - '0') * 10 + (state[4] - '0');
        if (status >= 200) return status;
    }
    return http_status(error.code);
}

namespace {

/// A SQLSTATE, or the class that its first letters are, and its code; the first match counts.
constexpr std::pair<std::string_view, ErrorCode> codes_of_states[] = {
    {"08", ErrorCode::Unavailable},     {"09", ErrorCode::Internal},
    {"0L", ErrorCode::Forbidden},       {"0P", ErrorCode::Forbidden},
    {"21", ErrorCode::Internal},        {"23503", ErrorCode::Conflict},
    {"23505", ErrorCode::Conflict},     {"25006", ErrorCode::MethodNotAllowed},
    {"25", ErrorCode::Internal},        {"28", ErrorCode::Forbidden},
    {"2D", ErrorCode::Internal},        {"38", ErrorCode::Internal},
    {"39", ErrorCode::Internal},        {"3B", ErrorCode::Internal},
    {"40", ErrorCode::Internal},        {"42501", ErrorCode::Forbidden},
    {"42883", ErrorCode::NotFound},     {"42P01", ErrorCode::NotFound},
    {"42P17", ErrorCode::Internal},     {"53400", ErrorCode::Internal},
    {"53", ErrorCode::Unavailable},     {"54", ErrorCode::Internal},
    {"55", ErrorCode::Internal},        {"57P01", ErrorCode::Unavailable},
    {"57", ErrorCode::Internal},        {"58", ErrorCode::Internal},
    {"F0", ErrorCode::Internal},        {"HV", ErrorCode::Internal},
    {"P0001", ErrorCode::InvalidInput}, {"P0", ErrorCode::Internal},
    {"XX", ErrorCode::Internal},
};

}  // namespace

ErrorCode code_of_sqlstate(std::string_view sqlstate) {
    for (const auto& [prefix, code] : codes_of_states) {
        if (sqlstate.starts_with(prefix)) return code;
    }
    return ErrorCode::InvalidInput;
}

Error sql_error(std::string_view sqlstate, std::string message, std::string details,
                std::string hint) {
    return Error{code_of_sqlstate(sqlstate), std::move(message), std::string(sqlstate),
                 std::move(details), std::move(hint)};
}

}  // namespace dunlin
