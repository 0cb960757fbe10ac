#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dunlin::auth {

/// Ten codes that stand in for a lost authenticator, each once: 50 random bits, ten characters of
/// base32 in lower case; pages show them in groups. Store token_hash() of each (one_time.h), never
/// the code.
std::vector<std::string> new_recovery_codes();

/// A code as people type it, in the form of new_recovery_codes(): upper case, spaces and dashes are
/// forgiven. "" when it is none.
std::string normalize_recovery_code(std::string_view typed);

}  // namespace dunlin::auth
