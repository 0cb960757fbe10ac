#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/visitor.h"
#include "core/result.h"
#include "data/owner.h"

namespace dunlin::auth {

/// Something that matters for security, as auth.audit_log_entries keeps it. No secrets.
struct AuditEvent {
    std::string_view action;  // "sign_in", "sign_in_refused", "session_ended", …
    std::string actor_id{};   // the account, "" when nobody is known
    std::string session_id{};
    std::string address{};
    boost::json::object payload{};
};

/// Appends `event` in the caller's transaction, chained to the entry before it by its hash
/// (docs/operating/security.md). Fails when it cannot be written: then neither is what it is about.
Result<void> audit(data::OwnerSession& session, const AuditEvent& event, std::int64_t now_us);

/// A page of the log, latest first: {"id", "created_at", "action", "actor_id", …, "hash"}.
Result<boost::json::array> audit_page(data::OwnerSession& session, std::int64_t limit,
                                      std::int64_t offset);

/// Follows the chain. Nothing when it is whole, else the id of the first entry that does not fit.
Result<std::optional<std::int64_t>> find_broken_entry(data::OwnerSession& session);

}  // namespace dunlin::auth
