#include "auth/administration.h"

#include "auth/address_identity.h"
#include "auth/administration_rows.h"
#include "auth/audit_log.h"
#include "auth/credentials.h"
#include "auth/error.h"
#include "auth/sessions.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

Error taken(std::string_view name, std::string message) {
    return refused(ErrorCode::Unprocessable, name, std::move(message));
}

/// That nobody else has the addresses of `attributes`. `id` is the account that will have them.
Result<void> require_free(data::OwnerSession& session, const UserAttributes& attributes,
                          std::string_view id) {
    auto by_email = find_user_by_email(session, attributes.email);
    if (!by_email) return std::unexpected(by_email.error());
    if (*by_email && (*by_email)->id != id) return std::unexpected(email_exists());
    auto by_phone = find_user_by_phone(session, attributes.phone);
    if (!by_phone) return std::unexpected(by_phone.error());
    if (*by_phone && (*by_phone)->id != id) return std::unexpected(phone_exists());
    return {};
}

}  // namespace

Result<void> Administration::note(data::OwnerSession& session, const Administrator& administrator,
                                  std::string_view action, json::object payload) {
    return audit(session,
                 {.action = action,
                  .actor_id = administrator.identity.user_id,
                  .session_id = administrator.identity.session_id,
                  .address = administrator.visitor.address,
                  .payload = std::move(payload)},
                 context_.clock.now_us());
}

asio::awaitable<Result<std::string>> Administration::new_hash(const UserAttributes& attributes,
                                                              std::string email) {
    if (attributes.password.empty()) co_return attributes.password_hash;
    co_return co_await hash_new_password(context_, attributes.password, std::move(email));
}

asio::awaitable<Result<Listed>> Administration::users(Page page, std::string filter) {
    Listed listed;
    auto read = co_await context_.owner.read([&](data::OwnerSession& session) -> Result<void> {
        listed.rows.clear();
        auto total = count_users(session, filter);
        if (!total) return std::unexpected(total.error());
        listed.total = *total;
        auto found = list_users(session, filter, page.rows, (page.number - 1) * page.rows);
        if (!found) return std::unexpected(found.error());
        for (const User& one : *found) {
            auto object = user_json(session, one);
            if (!object) return std::unexpected(object.error());
            listed.rows.push_back(std::move(*object));
        }
        return {};
    });
    if (!read) co_return std::unexpected(read.error());
    co_return listed;
}

asio::awaitable<Result<json::object>> Administration::user(std::string id) {
    json::object object;
    auto read = co_await context_.owner.read([&](data::OwnerSession& session) -> Result<void> {
        auto found = require_user(session, id);
        if (!found) return std::unexpected(found.error());
        auto made = user_json(session, *found);
        if (!made) return std::unexpected(made.error());
        object = std::move(*made);
        return {};
    });
    if (!read) co_return std::unexpected(read.error());
    co_return object;
}

asio::awaitable<Result<json::object>> Administration::create_user(UserAttributes given,
                                                                  Administrator administrator) {
    const auto attributes = normal_attributes(std::move(given));
    if (!attributes) co_return std::unexpected(attributes.error());
    if (attributes->email.empty() && attributes->phone.empty()) {
        co_return std::unexpected(
            validation_failed("Cannot create a user without either an email or phone"));
    }
    const auto hash = co_await new_hash(*attributes, attributes->email);
    if (!hash) co_return std::unexpected(hash.error());
    json::object answer;
    auto done = co_await context_.owner.write(
        administrator.identity, [&](data::OwnerSession& session) -> Result<void> {
            auto made = create_in(session, *attributes, *hash, administrator);
            if (!made) return std::unexpected(made.error());
            answer = std::move(*made);
            return {};
        });
    if (!done) co_return std::unexpected(done.error());
    co_return answer;
}

Result<json::object> Administration::create_in(data::OwnerSession& session,
                                               const UserAttributes& attributes,
                                               const std::string& hash,
                                               const Administrator& administrator) {
    const std::int64_t now_us = context_.clock.now_us();
    User user{.id = attributes.id.empty() ? new_id() : attributes.id,
              .created_at = now_us,
              .updated_at = now_us};
    auto free = require_free(session, attributes, user.id);
    if (!free) return std::unexpected(free.error());
    auto same = find_user(session, user.id);
    if (!same) return std::unexpected(same.error());
    if (*same) {
        return std::unexpected(
            taken("user_already_exists", "A user with this id has already been registered"));
    }
    apply_attributes(user, attributes, hash, now_us);
    user.claims_changed_at.reset();  // There are no tokens yet.
    auto made = insert_user(session, user);
    if (made) made = keep_address_identities(session, user, now_us);
    if (made) made = note(session, administrator, "admin_user_created", {{"user_id", user.id}});
    if (!made) return std::unexpected(made.error());
    return user_json(session, user);
}

asio::awaitable<Result<json::object>> Administration::change_user(std::string id,
                                                                  UserAttributes given,
                                                                  Administrator administrator) {
    const auto attributes = normal_attributes(std::move(given));
    if (!attributes) co_return std::unexpected(attributes.error());
    std::string email;  // The password must not be its owner's name.
    auto read = co_await context_.owner.read([&](data::OwnerSession& session) -> Result<void> {
        auto found = require_user(session, id);
        if (!found) return std::unexpected(found.error());
        email = attributes->email.empty() ? found->email : attributes->email;
        return {};
    });
    if (!read) co_return std::unexpected(read.error());
    const auto hash = co_await new_hash(*attributes, email);
    if (!hash) co_return std::unexpected(hash.error());
    json::object answer;
    auto done = co_await context_.owner.write(
        administrator.identity, [&](data::OwnerSession& session) -> Result<void> {
            auto changed = change_in(session, id, *attributes, *hash, administrator);
            if (!changed) return std::unexpected(changed.error());
            answer = std::move(*changed);
            return {};
        });
    if (!done) co_return std::unexpected(done.error());
    co_return answer;
}

Result<json::object> Administration::change_in(data::OwnerSession& session, std::string_view id,
                                               const UserAttributes& attributes,
                                               const std::string& hash,
                                               const Administrator& administrator) {
    const std::int64_t now_us = context_.clock.now_us();
    auto before = require_user(session, id);
    if (!before) return std::unexpected(before.error());
    if (before->deleted_at) return std::unexpected(user_not_found());
    auto free = require_free(session, attributes, before->id);
    if (!free) return std::unexpected(free.error());
    User after = *before;
    apply_attributes(after, attributes, hash, now_us);
    const bool new_address = after.email != before->email || after.phone != before->phone;
    const bool confirmed = after.email_confirmed_at != before->email_confirmed_at ||
                           after.phone_confirmed_at != before->phone_confirmed_at;
    Result<void> done;
    if (new_address || confirmed) done = keep_address_identities(session, after, now_us);
    if (done) done = update_user(session, *before, after, now_us);
    const bool banned = after.is_banned(now_us) && after.banned_until != before->banned_until;
    if (done && (new_address || banned || !hash.empty())) done = void_codes(session, after.id);
    std::int64_t ended_sessions = 0;
    if (done && (banned || !hash.empty())) {
        auto ended =
            auth::end_sessions(session, after.id, "", Which::All,
                               banned ? end_reason::banned : end_reason::password_changed, now_us);
        if (!ended) return std::unexpected(ended.error());
        ended_sessions = *ended;
    }
    if (done) {
        done = note(session, administrator, "admin_user_changed",
                    {{"user_id", after.id},
                     {"changed", changed_members(*before, after)},
                     {"sessions", ended_sessions}});
    }
    if (!done) return std::unexpected(done.error());
    after.updated_at = now_us;
    return user_json(session, after);
}

}  // namespace dunlin::auth
