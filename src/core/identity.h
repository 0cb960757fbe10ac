#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dunlin {

/// The database role of a request. Anon is the least principal: there is no "nobody".
enum class Role : std::uint8_t { Anon, Authenticated, ServiceRole };

/// "anon", "authenticated", "service_role".
std::string_view role_name(Role role);

/// Who is asking, proved by a key or a token.
struct Identity {
    Role role = Role::Anon;
    std::string user_id{};     // claim sub, "" when nobody is signed in
    std::string session_id{};  // claim session_id
    /// The token's claims as JSON text; what auth.jwt() returns. "{}" at least.
    std::string claims = "{}";
    std::int64_t expires_at_s = 0;  // claim exp, seconds since 1970; 0 means never

    friend bool operator==(const Identity&, const Identity&) = default;
};

}  // namespace dunlin
