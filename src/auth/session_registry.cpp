#include "auth/session_registry.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "auth/user.h"
#include "core/check.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::string_view ended_table = "auth.ended_sessions";
constexpr std::string_view sessions_table = "auth.sessions";
constexpr std::string_view users_table = "auth.users";
constexpr std::int64_t us_per_s = 1'000'000;

std::size_t column_of(const Schema& schema, std::string_view table, std::string_view column) {
    const Table* described = schema.find_storage(table);
    CHECK(described != nullptr);
    return described->find_column(column).value();
}

TokenRefusal ended() {
    return {TokenFault::SessionEnded, "Session has ended"};
}

/// The claim `iat` in seconds; 0 when there is none, so that what is known counts.
std::int64_t issued_at(const json::object& claims) {
    const auto* claim = claims.if_contains("iat");
    return claim != nullptr && claim->is_int64() ? claim->get_int64() : 0;
}

/// A token from before its session lost the second factor. One of the same second may be either:
/// it is taken for older, whoever has a newer one refreshes it.
Identity at_aal1(Identity identity, std::int64_t lowered_at_us) {
    json::object claims = object_of(Value(identity.claims));
    if (issued_at(claims) > lowered_at_us / us_per_s) return identity;
    claims["aal"] = "aal1";
    identity.claims = json::serialize(claims);
    return identity;
}

}  // namespace

SessionRegistry::SessionRegistry(const Schema& schema, const Clock& clock, std::int64_t token_s_max)
    : clock_(clock),
      token_us_max_(token_s_max * us_per_s),
      columns_{.session_id = column_of(schema, ended_table, "id"),
               .ended_at = column_of(schema, ended_table, "ended_at"),
               .lowered_id = column_of(schema, sessions_table, "id"),
               .lowered_user_id = column_of(schema, sessions_table, "user_id"),
               .lowered_at = column_of(schema, sessions_table, "aal_lowered_at"),
               .user_id = column_of(schema, users_table, "id"),
               .role = column_of(schema, users_table, "role"),
               .app_metadata = column_of(schema, users_table, "raw_app_meta_data"),
               .claims_changed_at = column_of(schema, users_table, "claims_changed_at")} {}

Result<void> SessionRegistry::load(data::Owner& owner) {
    const Value since(clock_.now_us() - token_us_max_);
    return owner.read_now([&](data::OwnerSession& session) -> Result<void> {
        auto ended_ones = session.run(
            "select id, ended_at from \"auth.ended_sessions\" where ended_at >= ?1", {since});
        if (!ended_ones) return std::unexpected(ended_ones.error());
        for (const Row& row : *ended_ones) ended_.emplace(row[0].text(), row[1].integer());
        auto lowered = session.run(
            "select id, aal_lowered_at from \"auth.sessions\" where aal_lowered_at >= ?1", {since});
        if (!lowered) return std::unexpected(lowered.error());
        for (const Row& row : *lowered) lowered_.emplace(row[0].text(), row[1].integer());
        auto changed = session.run(
            "select id, role, raw_app_meta_data, claims_changed_at from \"auth.users\" "
            "where claims_changed_at >= ?1",
            {since});
        if (!changed) return std::unexpected(changed.error());
        for (const Row& row : *changed) {
            accounts_.emplace(row[0].text(),
                              Account{row[3].integer(), text_of(row[1]), text_of(row[2])});
        }
        return {};
    });
}

SessionRegistry::Effects SessionRegistry::take(const ChangeBatch& batch) {
    Effects effects;
    for (const Change& change : *batch) {
        if (change.table == ended_table && change.kind == ChangeKind::Insert) {
            const std::string& id = change.new_row.at(columns_.session_id).text();
            effects.ended_sessions.push_back(id);
            const std::unique_lock lock(mutex_);
            ended_.insert_or_assign(id, change.new_row.at(columns_.ended_at).integer());
        }
        if (change.kind != ChangeKind::Update) continue;
        if (change.table == sessions_table) take_lowered(change, effects);
        if (change.table != users_table) continue;
        const Value& changed_at = change.new_row.at(columns_.claims_changed_at);
        if (changed_at.is_null() || changed_at == change.old_row.at(columns_.claims_changed_at)) {
            continue;
        }
        const std::string& id = change.new_row.at(columns_.user_id).text();
        effects.changed_users.push_back(id);
        const std::unique_lock lock(mutex_);
        accounts_.insert_or_assign(
            id, Account{changed_at.integer(), text_of(change.new_row.at(columns_.role)),
                        text_of(change.new_row.at(columns_.app_metadata))});
    }
    return effects;
}

void SessionRegistry::take_lowered(const Change& change, Effects& effects) {
    const Value& at = change.new_row.at(columns_.lowered_at);
    if (at.is_null() || at == change.old_row.at(columns_.lowered_at)) return;
    effects.changed_users.push_back(change.new_row.at(columns_.lowered_user_id).text());
    const std::unique_lock lock(mutex_);
    lowered_.insert_or_assign(change.new_row.at(columns_.lowered_id).text(), at.integer());
}

TokenResult<Identity> SessionRegistry::current(Identity identity) const {
    if (identity.session_id.empty() && identity.user_id.empty()) return identity;
    const std::shared_lock lock(mutex_);
    if (ended_.contains(identity.session_id)) return std::unexpected(ended());
    const auto lowered = lowered_.find(identity.session_id);
    if (lowered != lowered_.end()) identity = at_aal1(std::move(identity), lowered->second);
    const auto account = accounts_.find(identity.user_id);
    return account == accounts_.end() ? identity : follow(std::move(identity), account->second);
}

TokenResult<Identity> SessionRegistry::follow(Identity identity, const Account& account) const {
    json::object claims = object_of(Value(identity.claims));
    // A token of the same second may be older than the change; to follow a fresh one does no harm.
    if (issued_at(claims) > account.changed_at_us / us_per_s) return identity;
    const auto roles = {Role::Anon, Role::Authenticated, Role::ServiceRole};
    const auto role = std::ranges::find(roles, account.role, role_name);
    if (role == roles.end()) return std::unexpected(ended());
    identity.role = *role;
    claims["role"] = account.role;
    claims["app_metadata"] = object_of(Value(account.app_metadata));
    identity.claims = json::serialize(claims);
    return identity;
}

void SessionRegistry::seen(const std::string& session_id) {
    const std::scoped_lock lock(seen_mutex_);
    seen_.insert_or_assign(session_id, clock_.now_us());
}

std::vector<SessionRegistry::Seen> SessionRegistry::take_seen() {
    boost::unordered_flat_map<std::string, std::int64_t> taken;
    {
        const std::scoped_lock lock(seen_mutex_);
        taken.swap(seen_);
    }
    std::vector<Seen> seen;
    for (const auto& [session_id, at_us] : taken) seen.push_back({session_id, at_us});
    return seen;
}

void SessionRegistry::forget_old() {
    const std::int64_t since = clock_.now_us() - token_us_max_;
    const std::unique_lock lock(mutex_);
    boost::unordered::erase_if(ended_, [&](const auto& entry) { return entry.second < since; });
    boost::unordered::erase_if(lowered_, [&](const auto& entry) { return entry.second < since; });
    boost::unordered::erase_if(
        accounts_, [&](const auto& entry) { return entry.second.changed_at_us < since; });
}

}  // namespace dunlin::auth
