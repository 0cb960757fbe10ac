#include "auth/administration.h"
#include "auth/administration_rows.h"
#include "auth/assurance.h"
#include "auth/audit_log.h"
#include "auth/error.h"
#include "auth/sessions.h"

namespace dunlin::auth {

namespace json = boost::json;

asio::awaitable<Result<void>> Administration::remove_user(std::string id, Deletion deletion,
                                                          Administrator administrator) {
    auto done =
        co_await context_.owner.write(administrator.identity, [&](data::OwnerSession& session) {
            return remove_in(session, id, deletion, administrator);
        });
    if (!done && done.error().sqlstate == "23503") {
        co_return std::unexpected(refused(
            ErrorCode::Conflict, "conflict",
            "The user cannot be deleted: " + done.error().message +
                ". Delete those rows first, let their foreign key say ON DELETE CASCADE or SET "
                "NULL, or delete the user softly."));
    }
    co_return done;
}

Result<void> Administration::remove_in(data::OwnerSession& session, std::string_view id,
                                       Deletion deletion, const Administrator& administrator) {
    const std::int64_t now_us = context_.clock.now_us();
    auto user = require_user(session, id);
    if (!user) return std::unexpected(user.error());
    const bool soft = deletion == Deletion::Soft;
    if (soft && user->deleted_at) return {};
    auto ended = auth::end_sessions(session, user->id, "", Which::All, end_reason::deleted, now_us);
    if (!ended) return std::unexpected(ended.error());
    if (soft) {
        auto voided = void_codes(session, user->id);
        if (!voided) return voided;
        for (const std::string_view table :
             {"auth.identities", "auth.mfa_factors", "auth.mfa_recovery_codes"}) {
            auto removed = session.remove(table, "user_id = ?1", {Value(user->id)});
            if (!removed) return std::unexpected(removed.error());
        }
        auto kept = update_user(session, *user, anonymized(*user, now_us), now_us);
        if (!kept) return kept;
    } else {
        auto removed = session.remove("auth.users", "id = ?1", {Value(user->id)});
        if (!removed) return std::unexpected(removed.error());
    }
    return note(session, administrator, "admin_user_deleted",
                {{"user_id", user->id}, {"soft", soft}, {"sessions", *ended}});
}

asio::awaitable<Result<json::array>> Administration::factors(std::string user_id) {
    auto found = co_await user(std::move(user_id));
    if (!found) co_return std::unexpected(found.error());
    const auto* factors = found->if_contains("factors");
    co_return factors == nullptr ? json::array() : factors->as_array();
}

asio::awaitable<Result<json::object>> Administration::remove_factor(std::string user_id,
                                                                    std::string factor_id,
                                                                    Administrator administrator) {
    auto done = co_await context_.owner.write(
        administrator.identity, [&](data::OwnerSession& session) -> Result<void> {
            const std::int64_t now_us = context_.clock.now_us();
            auto found = require_user(session, user_id);
            if (!found) return std::unexpected(found.error());
            auto factor = require_factor(session, user_id, factor_id);
            if (!factor) return std::unexpected(factor.error());
            // What it proved it proves no more.
            auto proved = session.run(
                "select id from \"auth.sessions\" where user_id = ?1 and factor_id = ?2",
                {Value(user_id), Value(factor_id)});
            if (!proved) return std::unexpected(proved.error());
            for (const Row& row : *proved) {
                auto ended = auth::end_sessions(session, user_id, row[0].text(), Which::This,
                                                end_reason::factor_removed, now_us);
                if (!ended) return std::unexpected(ended.error());
            }
            auto removed = auth::remove_factor(session, *factor, now_us);
            if (!removed) return removed;
            return note(
                session, administrator, "admin_factor_deleted",
                {{"user_id", user_id}, {"factor_id", factor_id}, {"sessions", proved->size()}});
        });
    if (!done) co_return std::unexpected(done.error());
    co_return json::object{{"id", factor_id}};
}

asio::awaitable<Result<json::object>> Administration::sessions(std::string user_id) {
    json::array listed;
    auto read = co_await context_.owner.read([&](data::OwnerSession& session) -> Result<void> {
        auto found = require_user(session, user_id);
        if (!found) return std::unexpected(found.error());
        auto open = find_sessions(session, context_.settings, user_id, context_.clock.now_us());
        if (!open) return std::unexpected(open.error());
        listed.clear();
        for (const Session& one : *open) listed.push_back(session_json(one, ""));
        return {};
    });
    if (!read) co_return std::unexpected(read.error());
    co_return json::object{{"sessions", std::move(listed)}};
}

asio::awaitable<Result<void>> Administration::end_sessions(std::string user_id,
                                                           std::string session_id,
                                                           Administrator administrator) {
    co_return co_await context_.owner.write(
        administrator.identity, [&](data::OwnerSession& session) -> Result<void> {
            const std::int64_t now_us = context_.clock.now_us();
            auto found = require_user(session, user_id);
            if (!found) return std::unexpected(found.error());
            const bool all = session_id.empty();
            auto ended =
                auth::end_sessions(session, user_id, session_id, all ? Which::All : Which::This,
                                   end_reason::signed_out, now_us);
            if (!ended) return std::unexpected(ended.error());
            if (*ended == 0 && !all) return std::unexpected(session_not_found(ErrorCode::NotFound));
            return note(session, administrator, "admin_sessions_ended",
                        {{"user_id", user_id}, {"sessions", *ended}});
        });
}

asio::awaitable<Result<Listed>> Administration::audit_entries(Page page) {
    Listed listed;
    auto read = co_await context_.owner.read([&](data::OwnerSession& session) -> Result<void> {
        auto total = session.run("select count(*) from \"auth.audit_log_entries\"");
        if (!total) return std::unexpected(total.error());
        listed.total = total->front()[0].integer();
        auto rows = audit_page(session, page.rows, (page.number - 1) * page.rows);
        if (!rows) return std::unexpected(rows.error());
        listed.rows = std::move(*rows);
        return {};
    });
    if (!read) co_return std::unexpected(read.error());
    co_return listed;
}

asio::awaitable<Result<json::object>> Administration::verify_audit() {
    json::object answer;
    auto read = co_await context_.owner.read([&](data::OwnerSession& session) -> Result<void> {
        auto total = session.run("select count(*) from \"auth.audit_log_entries\"");
        if (!total) return std::unexpected(total.error());
        auto last = audit_page(session, 1, 0);
        if (!last) return std::unexpected(last.error());
        auto broken = find_broken_entry(session);
        if (!broken) return std::unexpected(broken.error());
        answer.clear();
        answer["intact"] = !broken->has_value();
        answer["entries"] = total->front()[0].integer();
        if (!last->empty()) answer["last_hash"] = last->front().at("hash");
        if (*broken) answer["first_broken_id"] = **broken;
        return {};
    });
    if (!read) co_return std::unexpected(read.error());
    co_return answer;
}

}  // namespace dunlin::auth
