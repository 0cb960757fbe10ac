#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "auth/context.h"
#include "auth/mailing.h"
#include "auth/messenger.h"
#include "auth/visitor.h"
#include "core/error.h"
#include "core/identity.h"
#include "core/result.h"
#include "data/owner.h"

namespace dunlin::auth {

/// What somebody asks to change of his own account.
struct UserChange {
    std::optional<std::string> password{};
    std::optional<std::string> current_password{};
    std::string nonce{};                                 // of GET /reauthenticate
    std::optional<boost::json::object> user_metadata{};  // merged member by member; null removes
    std::optional<std::string> email{};
    std::optional<std::string> phone{};
    MessageOptions options{};  // of the messages that another address takes
};

/// What came of it.
struct AppliedChange {
    boost::json::object user_object{};
    std::vector<Message> messages{};  // to be sent once this is on disk
    /// Set when nothing was changed but an attempt was counted, which has to be kept.
    std::optional<Error> refusal{};
};

/// Changes the account in the caller's transaction. `hash` is that of the new password, "" when
/// there is none; addresses have their stored form.
Result<AppliedChange> apply_change(data::OwnerSession& session, const Context& context,
                                   const Identity& identity, const UserChange& change,
                                   const std::string& hash, const Visitor& visitor);

}  // namespace dunlin::auth
