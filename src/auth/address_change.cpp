#include "auth/address_change.h"

#include "auth/address_identity.h"
#include "auth/error.h"

namespace dunlin::auth {

namespace {

Result<Message> draft(data::OwnerSession& session, const Context& context, User& user,
                      Purpose purpose, const std::string& address, const MessageOptions& options) {
    auto issued = issue(session, context, user, purpose, address, options);
    if (!issued) return std::unexpected(issued.error());
    return message_of(context, user, purpose, *issued, options);
}

Result<void> require_free_email(data::OwnerSession& session, const User& user,
                                const std::string& email) {
    auto other = find_user_by_email(session, email);
    if (!other) return std::unexpected(other.error());
    if (*other && (*other)->id != user.id) return std::unexpected(email_exists());
    return {};
}

Result<void> require_free_phone(data::OwnerSession& session, const User& user,
                                const std::string& phone) {
    auto other = find_user_by_phone(session, phone);
    if (!other) return std::unexpected(other.error());
    if (*other && (*other)->id != user.id) return std::unexpected(phone_exists());
    return {};
}

/// An address of his own: the account is nobody's no longer.
Result<void> settle(data::OwnerSession& session, const Context& context, User& user,
                    std::string_view provider) {
    user.is_anonymous = false;
    const std::int64_t now_us = context.clock.now_us();
    if (add_provider(user.app_metadata, provider)) user.claims_changed_at = now_us;
    return keep_address_identities(session, user, now_us);
}

}  // namespace

bool needs_present_address(const Settings& settings, const User& user) {
    return settings.secure_email_change && !user.email.empty() && user.email_confirmed_at;
}

Result<std::vector<Message>> request_email_change(data::OwnerSession& session,
                                                  const Context& context, User& user,
                                                  std::string email,
                                                  const MessageOptions& options) {
    auto is_free = require_free_email(session, user, email);
    if (!is_free) return std::unexpected(is_free.error());
    user.new_email = std::move(email);
    if (context.settings.confirm_email) return repeat_email_change(session, context, user, options);
    auto changed = complete_email_change(session, context, user);
    if (!changed) return std::unexpected(changed.error());
    return std::vector<Message>();
}

Result<std::vector<Message>> request_phone_change(data::OwnerSession& session,
                                                  const Context& context, User& user,
                                                  std::string phone,
                                                  const MessageOptions& options) {
    auto is_free = require_free_phone(session, user, phone);
    if (!is_free) return std::unexpected(is_free.error());
    user.new_phone = std::move(phone);
    if (context.settings.confirm_phone) return repeat_phone_change(session, context, user, options);
    auto changed = complete_phone_change(session, context, user);
    if (!changed) return std::unexpected(changed.error());
    return std::vector<Message>();
}

Result<std::vector<Message>> repeat_email_change(data::OwnerSession& session,
                                                 const Context& context, User& user,
                                                 const MessageOptions& options) {
    // Both die together: agreement to an earlier wish is none to this one.
    auto removed =
        remove_tokens(session, user.id, {TokenKind::EmailChangeNew, TokenKind::EmailChangeCurrent});
    if (!removed) return std::unexpected(removed.error());
    std::vector<Message> messages;
    auto first = draft(session, context, user, Purpose::EmailChangeNew, user.new_email, options);
    if (!first) return std::unexpected(first.error());
    messages.push_back(std::move(*first));
    if (!needs_present_address(context.settings, user)) return messages;
    auto second = draft(session, context, user, Purpose::EmailChangeCurrent, user.email, options);
    if (!second) return std::unexpected(second.error());
    messages.push_back(std::move(*second));
    return messages;
}

Result<std::vector<Message>> repeat_phone_change(data::OwnerSession& session,
                                                 const Context& context, User& user,
                                                 const MessageOptions& options) {
    auto message = draft(session, context, user, Purpose::PhoneChange, user.new_phone, options);
    if (!message) return std::unexpected(message.error());
    std::vector<Message> messages;
    messages.push_back(std::move(*message));
    return messages;
}

Result<void> complete_email_change(data::OwnerSession& session, const Context& context,
                                   User& user) {
    auto is_free = require_free_email(session, user, user.new_email);
    if (!is_free) return is_free;
    // What was sent to the old address must not open the account any more.
    auto removed = remove_tokens(session, user.id,
                                 {TokenKind::EmailChangeNew, TokenKind::EmailChangeCurrent,
                                  TokenKind::Confirmation, TokenKind::Recovery});
    if (!removed) return removed;
    user.email = std::move(user.new_email);
    user.new_email.clear();
    user.email_confirmed_at = context.clock.now_us();
    return settle(session, context, user, "email");
}

Result<void> complete_phone_change(data::OwnerSession& session, const Context& context,
                                   User& user) {
    auto is_free = require_free_phone(session, user, user.new_phone);
    if (!is_free) return is_free;
    auto removed = remove_tokens(
        session, user.id, {TokenKind::PhoneChange, TokenKind::Confirmation, TokenKind::Recovery});
    if (!removed) return removed;
    user.phone = std::move(user.new_phone);
    user.new_phone.clear();
    user.phone_confirmed_at = context.clock.now_us();
    return settle(session, context, user, "phone");
}

}  // namespace dunlin::auth
