#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Time-based one-time passwords (RFC 6238): HMAC-SHA1, 6 digits, steps of 30 s since 1970, which
/// is what every authenticator app takes.
namespace dunlin::auth {

/// 160 random bits (RFC 4226 section 4) as base32, 32 characters.
std::string new_totp_secret();

/// The code of a step for a secret in base32; "" when it is no base32.
std::string totp_code(std::string_view secret, std::int64_t step);

/// The step that `code` belongs to: the one of `now_s` (seconds since 1970), the one before or the
/// one after (RFC 6238 section 5.2); the latest if several have this code. Nothing when none has,
/// or the secret is no base32. Takes the same time whichever it is. The caller must refuse steps
/// up to the last it accepted, or a code that was overheard serves again.
std::optional<std::int64_t> verify_totp(std::string_view secret, std::string_view code,
                                        std::int64_t now_s);

/// `otpauth://totp/ISSUER:ACCOUNT?…`, what an app reads from the QR code. Both names are
/// percent-encoded.
std::string totp_uri(std::string_view issuer, std::string_view account, std::string_view secret);

}  // namespace dunlin::auth
