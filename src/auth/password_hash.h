#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace dunlin::auth {

/// Argon2id (RFC 9106) with 19 MiB, 2 passes and 1 lane, after OWASP's password storage cheat
/// sheet; about 30 ms of one core. A PHC string of at most 127 bytes:
/// `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH`. Any bytes are a password; how long it may be is
/// password_policy.h's matter. Fails with Unavailable when there is no memory for it.
Result<std::string> hash_password(std::string_view password);

/// Whether `stored` is the hash of the password. Takes Argon2id in PHC form and bcrypt (`$2a$`,
/// `$2b$`, `$2y$`), which users bring along from elsewhere. False for any other form, and for
/// is_password_hash()'s reasons. bcrypt reads 72 bytes and stops at a NUL: instead of taking every
/// longer password that begins alike, those and such with a NUL are false.
bool verify_password(std::string_view password, std::string_view stored);

/// The hash of no password, with the parameters of hash_password(): for the work of a sign-in whose
/// user does not exist.
inline constexpr std::string_view hash_of_nobody =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Whether verify_password() can ever say yes: a known form, and not so dear that one sign-in would
/// hold a hasher for seconds (Argon2id up to 256 MiB and 1 GiB for all passes together, bcrypt up
/// to cost 14). Ask before storing a hash that somebody else made.
bool is_password_hash(std::string_view stored);

/// Whether the hash of a password that was just proved should be made anew: it is bcrypt, or its
/// parameters are not those of hash_password().
bool needs_rehash(std::string_view stored);

}  // namespace dunlin::auth
