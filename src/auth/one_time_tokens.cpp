#include "auth/one_time_tokens.h"

#include <fmt/format.h>

#include "auth/digest.h"
#include "auth/one_time.h"
#include "auth/user.h"

namespace dunlin::auth {

namespace {

constexpr std::string_view table = "auth.one_time_tokens";
constexpr std::int64_t us_per_s = 1'000'000;
constexpr std::int64_t attempts_max = 5;
constexpr int rows_max = 100;  // accounts that want the same new address
constexpr std::string_view pkce_prefix = "pkce_";
constexpr std::string_view columns =
    "id, user_id, token_type, relates_to, flow_state_id, token_hash, attempts_left";

std::string_view kind_name(TokenKind kind) {
    switch (kind) {
        case TokenKind::Confirmation:
            return "confirmation_token";
        case TokenKind::Recovery:
            return "recovery_token";
        case TokenKind::EmailChangeNew:
            return "email_change_token_new";
        case TokenKind::EmailChangeCurrent:
            return "email_change_token_current";
        case TokenKind::PhoneChange:
            return "phone_change_token";
        case TokenKind::Reauthentication:
            return "reauthentication_token";
    }
    return "";
}

TokenKind kind_named(std::string_view name) {
    for (const auto kind :
         {TokenKind::Recovery, TokenKind::EmailChangeNew, TokenKind::EmailChangeCurrent,
          TokenKind::PhoneChange, TokenKind::Reauthentication}) {
        if (kind_name(kind) == name) return kind;
    }
    return TokenKind::Confirmation;
}

/// As a list in SQL; the names are ours.
std::string kind_list(const TokenKinds& kinds) {
    std::string list;
    for (const TokenKind kind : kinds) {
        list += fmt::format("{}'{}'", list.empty() ? "" : ", ", kind_name(kind));
    }
    return list;
}

/// Bound to the row, so that it is good for nothing else.
std::string link_of(const Context& context, std::string_view id, std::string_view code) {
    return token_hash(context.secret, id, code);
}

std::string stored_hash(std::string_view link) {
    return to_hex(sha256(link));
}

std::int64_t oldest_us(const Context& context) {
    return context.clock.now_us() - context.settings.code_s * us_per_s;
}

OneTimeToken token_of(const Row& row) {
    return {.id = row[0].text(),
            .user_id = row[1].text(),
            .kind = kind_named(row[2].text()),
            .address = row[3].text(),
            .flow_state_id = text_of(row[4])};
}

Result<void> done(const Result<std::int64_t>& changed) {
    if (!changed) return std::unexpected(changed.error());
    return {};
}

}  // namespace

Result<SentToken> issue_token(data::OwnerSession& session, const Context& context,
                              const NewToken& token) {
    auto removed = remove_tokens(session, token.user_id, {token.kind});
    if (!removed) return std::unexpected(removed.error());
    const std::string id = new_id();
    SentToken sent{.code = random_code()};
    sent.link = link_of(context, id, sent.code);
    auto made = session.insert(table, {{"id", Value(id)},
                                       {"user_id", Value(token.user_id)},
                                       {"token_type", Value(kind_name(token.kind))},
                                       {"token_hash", Value(stored_hash(sent.link))},
                                       {"relates_to", Value(token.address)},
                                       {"flow_state_id", text_value(token.flow_state_id)},
                                       {"attempts_left", Value(attempts_max)},
                                       {"created_at", Value(context.clock.now_us())}});
    if (!made) return std::unexpected(made.error());
    if (!token.flow_state_id.empty()) sent.link.insert(0, pkce_prefix);
    return sent;
}

Result<std::optional<OneTimeToken>> find_by_code(data::OwnerSession& session,
                                                 const Context& context, const TokenKinds& kinds,
                                                 std::string_view address, std::string_view user_id,
                                                 std::string_view code) {
    auto rows = session.run(
        fmt::format("select {} from \"{}\" where relates_to = ?1 and token_type in ({}) and "
                    "(?2 = '' or user_id = ?2) and created_at > ?3 and attempts_left > 0 and "
                    "shown_at is null order by created_at desc limit {}",
                    columns, table, kind_list(kinds), rows_max),
        {Value(address), Value(user_id), Value(oldest_us(context))});
    if (!rows) return std::unexpected(rows.error());
    std::optional<OneTimeToken> found;
    for (const Row& row : *rows) {
        const std::string made = stored_hash(link_of(context, row[0].text(), code));
        if (!found && equal_in_constant_time(made, row[5].text())) found = token_of(row);
    }
    if (found) return found;
    for (const Row& row : *rows) {
        auto counted = session.update(table, {{"attempts_left", Value(row[6].integer() - 1)}},
                                      "id = ?1", {row[0]});
        if (!counted) return std::unexpected(counted.error());
    }
    return std::nullopt;
}

Result<std::optional<OneTimeToken>> find_by_link(data::OwnerSession& session,
                                                 const Context& context, const TokenKinds& kinds,
                                                 std::string_view link) {
    if (link.starts_with(pkce_prefix)) link.remove_prefix(pkce_prefix.size());
    auto rows = session.run(
        fmt::format("select {} from \"{}\" where token_hash = ?1 and token_type in ({}) and "
                    "created_at > ?2 and shown_at is null",
                    columns, table, kind_list(kinds)),
        {Value(stored_hash(link)), Value(oldest_us(context))});
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty()) return std::nullopt;
    return token_of(rows->front());
}

Result<void> mark_shown(data::OwnerSession& session, const Context& context,
                        const OneTimeToken& token) {
    return done(session.update(table, {{"shown_at", Value(context.clock.now_us())}}, "id = ?1",
                               {Value(token.id)}));
}

Result<bool> was_shown(data::OwnerSession& session, const Context& context,
                       std::string_view user_id, TokenKind kind, std::string_view address) {
    auto rows = session.run(
        fmt::format("select 1 from \"{}\" where user_id = ?1 and token_type = ?2 and "
                    "relates_to = ?3 and created_at > ?4 and shown_at is not null",
                    table),
        {Value(user_id), Value(kind_name(kind)), Value(address), Value(oldest_us(context))});
    if (!rows) return std::unexpected(rows.error());
    return !rows->empty();
}

Result<void> remove_tokens(data::OwnerSession& session, std::string_view user_id,
                           const TokenKinds& kinds) {
    return done(session.remove(table,
                               fmt::format("user_id = ?1 and token_type in ({})", kind_list(kinds)),
                               {Value(user_id)}));
}

Result<void> prune_tokens(data::OwnerSession& session, const Context& context) {
    return done(session.remove(table, "created_at <= ?1", {Value(oldest_us(context))}));
}

}  // namespace dunlin::auth
