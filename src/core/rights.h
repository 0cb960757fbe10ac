#pragma once

#include <cstdint>

#include "core/identity.h"

namespace dunlin {

/// What GRANT allows on a table or on one of its columns, as a set of bits.
using RightSet = std::uint8_t;

namespace rights {
constexpr RightSet none = 0;
constexpr RightSet select = 1;
constexpr RightSet insert = 2;
constexpr RightSet update = 4;
constexpr RightSet remove = 8;  // DELETE
constexpr RightSet all = select | insert | update | remove;
}  // namespace rights

/// The rights that each role was granted, and those of everybody (PUBLIC).
struct GrantedRights {
    RightSet anon = rights::none;
    RightSet authenticated = rights::none;
    RightSet service_role = rights::none;
    RightSet everybody = rights::none;

    /// What `role` may do: its own rights and everybody's.
    RightSet of(Role role) const;

    friend bool operator==(const GrantedRights&, const GrantedRights&) = default;
};

/// What a new table allows before any GRANT or REVOKE: Supabase grants everything to its three
/// roles and leaves the rest to policies.
constexpr GrantedRights initial_rights{rights::all, rights::all, rights::all, rights::none};

}  // namespace dunlin
