#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <vector>

#include "auth/key_set.h"
#include "core/result.h"

namespace dunlin::auth {

constexpr std::size_t signing_keys_max = 8;

/// The key pairs as signing_keys.json holds them (docs/formats/signing-keys.md).
std::string write_signing_keys(const std::vector<SigningKey>& keys);

/// Reads them back. Fails with InvalidInput, naming the key and what is wrong with it, for any
/// other form, a kid that appears twice or has other characters than base64url, two keys in use or
/// on standby, and more than `signing_keys_max`.
Result<std::vector<SigningKey>> read_signing_keys(std::string_view text);

}  // namespace dunlin::auth
