#pragma once

#include <string>
#include <vector>

#include "auth/context.h"
#include "auth/mailing.h"
#include "auth/user.h"
#include "core/result.h"
#include "data/owner.h"

/// Another email address or telephone number for an account. Each works inside the caller's
/// transaction and leaves `user` for the caller to write.
namespace dunlin::auth {

/// Notes the wish and makes the messages: to the new address and, under
/// Settings::secure_email_change, to the present one as well. Without confirmation the address is
/// changed at once. Fails with 422 email_exists.
Result<std::vector<Message>> request_email_change(data::OwnerSession& session,
                                                  const Context& context, User& user,
                                                  std::string email, const MessageOptions& options);

/// The same for a telephone number, with one message. Fails with 422 phone_exists.
Result<std::vector<Message>> request_phone_change(data::OwnerSession& session,
                                                  const Context& context, User& user,
                                                  std::string phone, const MessageOptions& options);

/// The messages of a change that is wished for already, anew.
Result<std::vector<Message>> repeat_email_change(data::OwnerSession& session,
                                                 const Context& context, User& user,
                                                 const MessageOptions& options);
Result<std::vector<Message>> repeat_phone_change(data::OwnerSession& session,
                                                 const Context& context, User& user,
                                                 const MessageOptions& options);

/// Whether the present address has to agree to a new one.
bool needs_present_address(const Settings& settings, const User& user);

/// Makes the wished address the account's, and an anonymous account somebody's. Fails with 422
/// email_exists, phone_exists when somebody else has it by now.
Result<void> complete_email_change(data::OwnerSession& session, const Context& context, User& user);
Result<void> complete_phone_change(data::OwnerSession& session, const Context& context, User& user);

}  // namespace dunlin::auth
