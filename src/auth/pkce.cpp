#include "auth/pkce.h"

#include <fmt/format.h>

#include <algorithm>

#include "auth/base64url.h"
#include "auth/digest.h"

namespace dunlin::auth {

namespace {

constexpr std::size_t length_min = 43;
constexpr std::size_t length_max = 128;

std::unexpected<Error> invalid(std::string message) {
    return std::unexpected(Error{ErrorCode::InvalidInput, std::move(message), "validation_failed"});
}

bool has_length(std::string_view text) {
    return text.size() >= length_min && text.size() <= length_max;
}

/// The unreserved characters of RFC 3986 section 2.3.
bool is_unreserved(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.' || c == '_' || c == '~';
    });
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    const auto lowered = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
    };
    return std::ranges::equal(text, lower, {}, lowered);
}

}  // namespace

std::string_view pkce_method_name(PkceMethod method) {
    return method == PkceMethod::S256 ? "s256" : "plain";
}

Result<PkceMethod> check_pkce_challenge(std::string_view method, std::string_view challenge) {
    if (method.empty() || challenge.empty()) {
        return invalid("PKCE flow requires code_challenge_method and code_challenge");
    }
    if (!has_length(challenge)) {
        return invalid(fmt::format("code challenge has to be between {} and {} characters",
                                   length_min, length_max));
    }
    if (!is_unreserved(challenge)) {
        return invalid(
            "code challenge can only contain alphanumeric characters, hyphens, periods, "
            "underscores and tildes");
    }
    if (equals_ignoring_case(method, "s256")) return PkceMethod::S256;
    if (equals_ignoring_case(method, "plain")) return PkceMethod::Plain;
    return invalid("unsupported code_challenge method");
}

Result<void> verify_pkce(PkceMethod method, std::string_view challenge, std::string_view verifier) {
    const bool formed = has_length(verifier) && is_unreserved(verifier);
    if (formed && equal_in_constant_time(challenge, method == PkceMethod::S256
                                                        ? encode_base64url(sha256(verifier))
                                                        : std::string(verifier))) {
        return {};
    }
    return std::unexpected(Error{ErrorCode::InvalidInput,
                                 "code challenge does not match previously saved code verifier",
                                 "bad_code_verifier"});
}

}  // namespace dunlin::auth
