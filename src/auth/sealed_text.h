#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dunlin::auth {

/// What a text is sealed for. A seal opens for the same purpose and row only, so that one copied to
/// another row or column of the database is worth nothing there.
struct SealPurpose {
    std::string_view use;  // "totp secret"
    std::string_view row;  // id of the row that holds it
};

/// Encrypts a secret that has to be read again, for the database (docs/formats/sealed-text.md):
/// AES-256-GCM (NIST SP 800-38D) under a key made from the project's secret by HKDF-SHA256
/// (RFC 5869). Two seals of one text differ.
std::string seal(std::string_view secret, SealPurpose purpose, std::string_view text);

/// Nothing when it was changed, sealed for something else or under another secret.
std::optional<std::string> unseal(std::string_view secret, SealPurpose purpose,
                                  std::string_view sealed);

}  // namespace dunlin::auth
