#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// The audit log as a chain of hashes (docs/formats/audit-chain.md): whoever changes, removes or
/// moves an entry must make every later hash anew, and the last one may have been noted elsewhere.
/// Pure; says nothing of entries cut off at the end.
namespace dunlin::auth {

/// What stands for the hash before the first entry: 64 zeros.
inline constexpr std::string_view audit_chain_start =
    "0000000000000000000000000000000000000000000000000000000000000000";

/// The hash of an entry: SHA-256 of the previous hash and the entry's canonical JSON, 64 hex
/// digits. `previous` is of that form.
std::string audit_hash(std::string_view previous, const boost::json::object& entry);

/// JSON that depends on the content alone: members in the order of their names' bytes, no white
/// space. Reading and writing it again gives the same text.
std::string canonical_json(const boost::json::value& value);

/// An entry and the hash that was stored with it.
struct AuditLink {
    boost::json::object entry;
    std::string hash;
};

/// The index of the first entry whose hash does not follow from the one before; nothing when the
/// chain is whole. `previous` is the hash before the first link: audit_chain_start, or where an
/// earlier check ended.
std::optional<std::size_t> first_broken_link(std::span<const AuditLink> links,
                                             std::string_view previous = audit_chain_start);

}  // namespace dunlin::auth
