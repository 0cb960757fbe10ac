#include "auth/admin_links.h"

#include <optional>
#include <vector>

#include "auth/address_change.h"
#include "auth/audit_log.h"
#include "auth/credentials.h"
#include "auth/error.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

/// Purposes by the names of `generate_link`.
std::optional<Purpose> purpose_of(std::string_view type) {
    if (type == "signup") return Purpose::SignUp;
    if (type == "invite") return Purpose::Invite;
    if (type == "magiclink") return Purpose::MagicLink;
    if (type == "recovery") return Purpose::Recovery;
    if (type == "email_change_current") return Purpose::EmailChangeCurrent;
    if (type == "email_change_new") return Purpose::EmailChangeNew;
    return std::nullopt;
}

bool is_change(Purpose purpose) {
    return purpose == Purpose::EmailChangeCurrent || purpose == Purpose::EmailChangeNew;
}

/// An account that nobody has confirmed, new or as it was, but for a password that somebody may
/// have set for an address that is not his.
Result<User> keep_unconfirmed(data::OwnerSession& session, const Context& context,
                              const std::optional<User>& known, const std::string& email,
                              const std::string& hash, const json::object& metadata) {
    const std::int64_t now_us = context.clock.now_us();
    if (known && known->is_confirmed()) return std::unexpected(email_exists());
    if (!known) {
        User user = new_user({.email = email}, metadata, now_us);
        user.password_hash = hash;
        auto made = create_user(session, user);
        if (!made) return std::unexpected(made.error());
        return user;
    }
    User after = *known;
    after.password_hash = hash;
    merge_metadata(after.user_metadata, metadata);
    auto kept = update_user(session, *known, after, now_us);
    if (!kept) return std::unexpected(kept.error());
    return after;
}

struct Linked {
    User user;
    Purpose purpose;
    Issued issued;
};

/// Issues the token and notes it in the account and the audit log.
Result<Linked> link_for(data::OwnerSession& session, const Context& context, User user,
                        Purpose purpose, std::string address, const MessageOptions& options,
                        const Visitor& visitor) {
    const std::int64_t now_us = context.clock.now_us();
    const User before = user;
    auto issued = issue(session, context, user, purpose, std::move(address), options);
    if (!issued) return std::unexpected(issued.error());
    if (purpose == Purpose::Invite) user.invited_at = now_us;
    auto kept = update_user(session, before, user, now_us);
    if (kept) {
        kept = audit(session,
                     {.action = purpose == Purpose::Invite ? "user_invited" : "link_generated",
                      .actor_id = user.id,
                      .address = visitor.address,
                      .payload = {{"type", verification_type(purpose)}}},
                     now_us);
    }
    if (!kept) return std::unexpected(kept.error());
    return Linked{std::move(user), purpose, std::move(*issued)};
}

/// The wish for another address, and a link for one of the two. The other's stays as it is when the
/// wish is the same.
Result<Linked> link_change(data::OwnerSession& session, const Context& context, const User& known,
                           Purpose purpose, const LinkRequest& request,
                           const MessageOptions& options, const Visitor& visitor) {
    auto other = find_user_by_email(session, request.new_email);
    if (!other) return std::unexpected(other.error());
    if (*other) return std::unexpected(email_exists());
    User user = known;
    if (user.new_email != request.new_email) {
        auto removed = remove_tokens(session, user.id,
                                     {TokenKind::EmailChangeNew, TokenKind::EmailChangeCurrent});
        if (!removed) return std::unexpected(removed.error());
        user.new_email = request.new_email;
        auto kept = update_user(session, known, user, context.clock.now_us());
        if (!kept) return std::unexpected(kept.error());
    }
    std::string address = purpose == Purpose::EmailChangeNew ? user.new_email : user.email;
    return link_for(session, context, std::move(user), purpose, std::move(address), options,
                    visitor);
}

Result<Linked> link_of(data::OwnerSession& session, const Context& context,
                       const LinkRequest& request, const std::string& hash,
                       const Visitor& visitor) {
    const MessageOptions options{.redirect_to = request.redirect_to};
    Purpose purpose = *purpose_of(request.type);
    auto known = find_user_by_email(session, request.email);
    if (!known) return std::unexpected(known.error());
    if (!*known && purpose == Purpose::MagicLink) purpose = Purpose::SignUp;
    if (purpose == Purpose::SignUp || purpose == Purpose::Invite) {
        auto user =
            keep_unconfirmed(session, context, *known, request.email, hash, request.metadata);
        if (!user) return std::unexpected(user.error());
        return link_for(session, context, std::move(*user), purpose, request.email, options,
                        visitor);
    }
    if (!*known) return std::unexpected(user_not_found());
    if (is_change(purpose)) {
        return link_change(session, context, **known, purpose, request, options, visitor);
    }
    return link_for(session, context, std::move(**known), purpose, request.email, options, visitor);
}

/// With addresses as they are stored.
Result<LinkRequest> normal_request(LinkRequest request) {
    const auto purpose = purpose_of(request.type);
    if (!purpose) return std::unexpected(validation_failed("Invalid email action link type"));
    auto email = normal_email(request.email);
    if (!email) return std::unexpected(email.error());
    request.email = std::move(*email);
    if (request.type == "signup" && request.password.empty()) {
        return std::unexpected(validation_failed("Signup requires a valid password"));
    }
    if (!is_change(*purpose)) return request;
    auto new_email = normal_email(request.new_email);
    if (!new_email) return std::unexpected(new_email.error());
    request.new_email = std::move(*new_email);
    return request;
}

}  // namespace

asio::awaitable<Result<json::object>> invite(const Context& context, std::string text,
                                             json::object metadata, MessageOptions options,
                                             Visitor visitor) {
    auto email = normal_email(text);
    if (!email) co_return std::unexpected(email.error());
    auto admitted = context.messenger.admit(*email);
    if (!admitted) co_return std::unexpected(admitted.error());
    json::object answer;
    std::vector<Message> messages;
    auto done = co_await context.owner.write({}, [&](data::OwnerSession& session) -> Result<void> {
        messages.clear();
        auto known = find_user_by_email(session, *email);
        if (!known) return std::unexpected(known.error());
        auto user = keep_unconfirmed(session, context, *known, *email, "", metadata);
        if (!user) return std::unexpected(user.error());
        auto linked =
            link_for(session, context, std::move(*user), Purpose::Invite, *email, options, visitor);
        if (!linked) return std::unexpected(linked.error());
        messages.push_back(
            message_of(context, linked->user, Purpose::Invite, linked->issued, options));
        auto object = user_json(session, linked->user);
        if (!object) return std::unexpected(object.error());
        answer = std::move(*object);
        return {};
    });
    if (!done) co_return std::unexpected(done.error());
    co_await context.messenger.send(std::move(messages));
    co_return answer;
}

asio::awaitable<Result<json::object>> generate_link(const Context& context, LinkRequest request,
                                                    Visitor visitor) {
    auto normal = normal_request(std::move(request));
    if (!normal) co_return std::unexpected(normal.error());
    std::string hash;
    if (!normal->password.empty()) {
        auto hashed = co_await hash_new_password(context, normal->password, normal->email);
        if (!hashed) co_return std::unexpected(hashed.error());
        hash = std::move(*hashed);
    }
    json::object answer;
    auto done = co_await context.owner.write({}, [&](data::OwnerSession& session) -> Result<void> {
        auto linked = link_of(session, context, *normal, hash, visitor);
        if (!linked) return std::unexpected(linked.error());
        auto object = user_json(session, linked->user);
        if (!object) return std::unexpected(object.error());
        answer = std::move(*object);
        answer["action_link"] = linked->issued.url;
        answer["email_otp"] = linked->issued.token.code;
        answer["hashed_token"] = linked->issued.token.link;
        answer["redirect_to"] = linked->issued.redirect_to;
        // A magic link for nobody yet has become a sign-up.
        answer["verification_type"] =
            is_change(linked->purpose) ? normal->type : verification_type(linked->purpose);
        return {};
    });
    if (!done) co_return std::unexpected(done.error());
    co_return answer;
}

}  // namespace dunlin::auth
