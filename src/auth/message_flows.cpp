#include "auth/message_flows.h"

#include <boost/asio/this_coro.hpp>
#include <functional>
#include <optional>
#include <vector>

#include "auth/address_change.h"
#include "auth/attempts.h"
#include "auth/audit_log.h"
#include "auth/caller.h"
#include "auth/error.h"
#include "io/log.h"
#include "io/spawn.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

/// What a flow does inside its transaction: the messages that it comes to, if any. It is run after
/// the answer: what it captures is its own, but for the context.
using Draft = std::function<Result<std::vector<Message>>(data::OwnerSession&)>;

/// Drafts, and sends once the draft is on disk.
asio::awaitable<void> draft_and_send(const Context& context, std::string purpose,
                                     std::string address, Visitor visitor, Draft draft) {
    std::vector<Message> messages;
    auto done = co_await context.owner.write({}, [&](data::OwnerSession& session) -> Result<void> {
        auto drafted = draft(session);
        if (!drafted) return std::unexpected(drafted.error());
        messages = std::move(*drafted);
        return audit(session,
                     {.action = "message_requested",
                      .address = visitor.address,
                      .payload = {{"purpose", purpose}, {"to", address}}},
                     context.clock.now_us());
    });
    if (done) {
        co_await context.messenger.send(std::move(messages));
    } else {
        log::error("a message could not be made", {{"error", done.error().message}});
    }
}

/// Counts, and answers while the rest is under way: whether there will be a message, which depends
/// on the account, takes no time that the caller could measure.
asio::awaitable<Result<json::object>> run_flow(const Context& context, std::string purpose,
                                               std::string address, Visitor visitor, Draft draft) {
    const MessageChannel channel = channel_of(address);
    auto admitted = context.messenger.admit(address);
    if (admitted) {
        admitted = co_await count_message(context, visitor, channel, purpose, address);
    }
    if (!admitted) co_return std::unexpected(admitted.error());
    // How many drafts wait is bounded by the engine's queue.
    io::spawn(co_await asio::this_coro::executor,
              draft_and_send(context, std::move(purpose), std::move(address), std::move(visitor),
                             std::move(draft)),
              "message");
    json::object answer;
    if (channel == MessageChannel::Sms) answer["message_id"] = new_id();
    co_return answer;
}

/// One message for the account, and the note that it was made.
Result<std::vector<Message>> draft_one(data::OwnerSession& session, const Context& context,
                                       const User& user, Purpose purpose, std::string address,
                                       const MessageOptions& options) {
    User after = user;
    auto issued = issue(session, context, after, purpose, std::move(address), options);
    if (!issued) return std::unexpected(issued.error());
    auto kept = update_user(session, user, after, context.clock.now_us());
    if (!kept) return std::unexpected(kept.error());
    std::vector<Message> messages;
    messages.push_back(message_of(context, after, purpose, *issued, options));
    return messages;
}

bool is_closed(const User& user, std::int64_t now_us) {
    return user.deleted_at || user.is_banned(now_us);
}

const std::string& address_of(const Credentials& credentials) {
    return credentials.email.empty() ? credentials.phone : credentials.email;
}

Result<std::vector<Message>> draft_otp(data::OwnerSession& session, const Context& context,
                                       const OtpRequest& request) {
    const std::int64_t now_us = context.clock.now_us();
    const std::string& address = address_of(request.address);
    auto known = find_user(session, request.address);
    if (!known) return std::unexpected(known.error());
    if (*known) {
        if (is_closed(**known, now_us)) return std::vector<Message>();
        // One without a password was made by such a flow, or by an invitation, and is still new.
        const bool is_new = !(*known)->is_confirmed() && (*known)->password_hash.empty();
        return draft_one(session, context, **known, is_new ? Purpose::SignUp : Purpose::MagicLink,
                         address, request.options);
    }
    if (!request.create_user || !context.settings.sign_ups) return std::vector<Message>();
    const User user = new_user(request.address, request.metadata, now_us);
    auto made = create_user(session, user);
    if (made) made = audit(session, {.action = "sign_up", .actor_id = user.id}, now_us);
    if (!made) return std::unexpected(made.error());
    return draft_one(session, context, user, Purpose::SignUp, address, request.options);
}

/// Who wants no new account is told when there is none, as upstream tells him; counted, so that he
/// does not try many addresses.
asio::awaitable<Result<void>> require_account(const Context& context, Credentials address,
                                              Visitor visitor) {
    auto counted = co_await count_attempt(context, std::move(visitor), "");
    if (!counted) co_return counted;
    co_return co_await context.owner.read([&](data::OwnerSession& session) -> Result<void> {
        auto user = find_user(session, address);
        if (!user) return std::unexpected(user.error());
        if (*user) return {};
        return std::unexpected(
            refused(ErrorCode::Unprocessable, "otp_disabled", "Signups not allowed for otp"));
    });
}

Result<std::vector<Message>> draft_recovery(data::OwnerSession& session, const Context& context,
                                            const std::string& email,
                                            const MessageOptions& options) {
    auto user = find_user_by_email(session, email);
    if (!user) return std::unexpected(user.error());
    if (!*user || is_closed(**user, context.clock.now_us())) return std::vector<Message>();
    return draft_one(session, context, **user, Purpose::Recovery, email, options);
}

/// Whose change this is: who has the address, or who alone wishes for it.
Result<std::optional<User>> find_changing(data::OwnerSession& session, const Credentials& address) {
    auto user = find_user(session, address);
    if (!user || *user) return user;
    auto rows = session.run(
        "select user_id from \"auth.one_time_tokens\" where relates_to = ?1 and token_type in "
        "('email_change_token_new', 'phone_change_token') limit 2",
        {Value(address_of(address))});
    if (!rows) return std::unexpected(rows.error());
    if (rows->size() != 1) return std::nullopt;
    return find_user(session, rows->front()[0].text());
}

Result<std::vector<Message>> draft_change(data::OwnerSession& session, const Context& context,
                                          const ResendRequest& request) {
    auto user = find_changing(session, request.address);
    if (!user) return std::unexpected(user.error());
    const bool by_email = request.type == "email_change";
    if (!*user || is_closed(**user, context.clock.now_us()) ||
        (by_email ? (*user)->new_email : (*user)->new_phone).empty()) {
        return std::vector<Message>();
    }
    User after = **user;
    auto messages = by_email ? repeat_email_change(session, context, after, request.options)
                             : repeat_phone_change(session, context, after, request.options);
    if (!messages) return messages;
    auto kept = update_user(session, **user, after, context.clock.now_us());
    if (!kept) return std::unexpected(kept.error());
    return messages;
}

Result<std::vector<Message>> draft_confirmation(data::OwnerSession& session, const Context& context,
                                                const ResendRequest& request) {
    auto user = find_user(session, request.address);
    if (!user) return std::unexpected(user.error());
    if (!*user || is_closed(**user, context.clock.now_us()) ||
        (request.address.email.empty() ? (*user)->phone_confirmed_at
                                       : (*user)->email_confirmed_at)) {
        return std::vector<Message>();
    }
    return draft_one(session, context, **user, Purpose::SignUp, address_of(request.address),
                     request.options);
}

Result<void> check_resend(const ResendRequest& request) {
    const bool by_email = request.type == "signup" || request.type == "email_change";
    const bool by_phone = request.type == "sms" || request.type == "phone_change";
    if (!by_email && !by_phone) {
        return std::unexpected(validation_failed(
            request.type.empty() ? "Type provided in request body is missing"
                                 : "Resend takes a type of signup, email_change, sms or "
                                   "phone_change"));
    }
    if (by_email && request.address.email.empty()) {
        return std::unexpected(validation_failed("Type provided requires an email address"));
    }
    if (by_phone && request.address.phone.empty()) {
        return std::unexpected(validation_failed("Type provided requires a phone number"));
    }
    return check_options(request.options);
}

}  // namespace

asio::awaitable<Result<json::object>> send_otp(const Context& context, OtpRequest request,
                                               Visitor visitor) {
    auto normal = normal_credentials(request.address);
    if (!normal) co_return std::unexpected(normal.error());
    request.address = std::move(*normal);
    auto usable = check_options(request.options);
    if (!usable) co_return std::unexpected(usable.error());
    if (!request.create_user || !context.settings.sign_ups) {
        auto known = co_await require_account(context, request.address, visitor);
        if (!known) co_return std::unexpected(known.error());
    }
    std::string address = address_of(request.address);
    Draft draft = [&context, request = std::move(request)](data::OwnerSession& session) {
        return draft_otp(session, context, request);
    };
    co_return co_await run_flow(context, "otp", std::move(address), std::move(visitor),
                                std::move(draft));
}

asio::awaitable<Result<json::object>> send_recovery(const Context& context, std::string text,
                                                    MessageOptions options, Visitor visitor) {
    if (text.empty()) {
        co_return std::unexpected(validation_failed("Password recovery requires an email"));
    }
    auto email = normal_email(text);
    if (!email) co_return std::unexpected(email.error());
    auto usable = check_options(options);
    if (!usable) co_return std::unexpected(usable.error());
    Draft draft = [&context, email = *email, options](data::OwnerSession& session) {
        return draft_recovery(session, context, email, options);
    };
    co_return co_await run_flow(context, "recovery", std::move(*email), std::move(visitor),
                                std::move(draft));
}

asio::awaitable<Result<json::object>> resend(const Context& context, ResendRequest request,
                                             Visitor visitor) {
    auto usable = check_resend(request);
    if (!usable) co_return std::unexpected(usable.error());
    auto normal = normal_credentials(request.address);
    if (!normal) co_return std::unexpected(normal.error());
    request.address = std::move(*normal);
    const bool is_change = request.type.ends_with("_change");
    std::string purpose = is_change ? request.type : "signup";
    std::string address = address_of(request.address);
    Draft draft = [&context, is_change, request = std::move(request)](data::OwnerSession& session) {
        return is_change ? draft_change(session, context, request)
                         : draft_confirmation(session, context, request);
    };
    co_return co_await run_flow(context, std::move(purpose), std::move(address), std::move(visitor),
                                std::move(draft));
}

asio::awaitable<Result<json::object>> send_nonce(const Context& context, Identity identity,
                                                 Visitor visitor) {
    std::string address;
    auto read = co_await context.owner.read([&](data::OwnerSession& session) -> Result<void> {
        auto caller = require_caller(session, identity, context.clock.now_us());
        if (!caller) return std::unexpected(caller.error());
        address = caller->user.email.empty() ? caller->user.phone : caller->user.email;
        return {};
    });
    if (!read) co_return std::unexpected(read.error());
    if (address.empty()) {
        co_return std::unexpected(
            refused(ErrorCode::Unprocessable, "validation_failed",
                    "Reauthentication requires the user to have an email or a phone number"));
    }
    Draft draft = [&context, identity = std::move(identity),
                   address](data::OwnerSession& session) -> Result<std::vector<Message>> {
        auto caller = require_caller(session, identity, context.clock.now_us());
        if (!caller) return std::unexpected(caller.error());
        return draft_one(session, context, caller->user, Purpose::Reauthentication, address, {});
    };
    co_return co_await run_flow(context, "reauthentication", std::move(address), std::move(visitor),
                                std::move(draft));
}

}  // namespace dunlin::auth
