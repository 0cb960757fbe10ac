#pragma once

#include <filesystem>
#include <string>

#include "core/result.h"

namespace dunlin::auth {

/// The secret of a project and the two API keys made from it.
struct ProjectKeys {
    std::string secret;  // HS256
    std::string anon_key;
    std::string service_role_key;
};

/// The well-known secret and keys of local supabase-js projects; for loopback only.
ProjectKeys development_keys();

/// Reads `data_folder`/secret, or creates it with 256 random bits, readable by its owner only.
/// Fails with Unavailable when the file cannot be read or written, or is too short to be a secret.
Result<ProjectKeys> load_or_create_keys(const std::filesystem::path& data_folder);

}  // namespace dunlin::auth
