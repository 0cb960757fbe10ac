#include "auth/sessions.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "auth/error.h"
#include "auth/refresh_token.h"
#include "core/codec.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::int64_t us_per_s = 1'000'000;

constexpr std::string_view columns =
    "id, user_id, created_at, refreshed_at, last_seen_at, not_after, aal, amr, factor_id, "
    "user_agent, ip, device_id, device_name, device_platform, refresh_key, refresh_generation";

json::array array_of(const Value& value) {
    boost::system::error_code failure;
    auto parsed = json::parse(text_of(value), failure);
    return failure || !parsed.is_array() ? json::array() : std::move(parsed.as_array());
}

Session session_of(const Row& row) {
    return Session{
        .id = row[0].text(),
        .user_id = row[1].text(),
        .created_at = row[2].integer(),
        .refreshed_at = instant_of(row[3]),
        .last_seen_at = row[4].integer(),
        .not_after = instant_of(row[5]),
        .aal = row[6].text(),
        .amr = array_of(row[7]),
        .factor_id = text_of(row[8]),
        .user_agent = text_of(row[9]),
        .address = text_of(row[10]),
        .device = {.id = row[11].text(), .name = row[12].text(), .platform = row[13].text()},
        .refresh_key = row[14].text(),
        .refresh_generation = row[15].integer()};
}

Result<std::vector<Session>> find_where(data::OwnerSession& session, std::string_view condition,
                                        std::string_view value) {
    auto rows = session.run(fmt::format("select {} from \"auth.sessions\" where {} order by "
                                        "created_at desc, id",
                                        columns, condition),
                            {Value(value)});
    if (!rows) return std::unexpected(rows.error());
    std::vector<Session> sessions;
    for (const Row& row : *rows) sessions.push_back(session_of(row));
    return sessions;
}

/// What somebody who has proved who he is may know of his other device.
Error conflict(const Session& other) {
    json::object device;
    device["id"] = other.device.id;
    device["name"] = other.device.name;
    device["platform"] = other.device.platform;
    device["user_agent"] = other.user_agent;
    json::object described;
    described["id"] = other.id;
    described["device"] = std::move(device);
    described["address"] = other.address;
    described["signed_in_at"] = timestamp_text(other.created_at);
    described["last_seen_at"] = timestamp_text(other.last_seen_at);
    json::object extra;
    extra["session"] = std::move(described);
    extra["hint"] = "Send the header X-Force-Sign-In: true to sign that device out.";
    const std::string name = other.device.name.empty() ? "another device" : other.device.name;
    return refused(ErrorCode::Conflict, "session_conflict",
                   fmt::format("This account is signed in on {}, last active {}", name,
                               timestamp_text(other.last_seen_at)),
                   json::serialize(extra));
}

Result<void> make_room(data::OwnerSession& session, const Settings& settings, const User& user,
                       const Visitor& visitor, std::int64_t now_us) {
    auto others = find_sessions(session, settings, user.id, now_us);
    if (!others) return std::unexpected(others.error());
    for (const Session& other : *others) {
        const bool same = !visitor.device.id.empty() && visitor.device.id == other.device.id;
        if (!same && !visitor.force) return std::unexpected(conflict(other));
        auto ended = end_sessions(session, user.id, other.id, Which::This,
                                  same ? end_reason::replaced : end_reason::superseded, now_us);
        if (!ended) return std::unexpected(ended.error());
    }
    return {};
}

Result<void> insert(data::OwnerSession& session, const Session& made) {
    return session.insert("auth.sessions",
                          {{"id", Value(made.id)},
                           {"user_id", Value(made.user_id)},
                           {"created_at", Value(made.created_at)},
                           {"updated_at", Value(made.created_at)},
                           {"last_seen_at", Value(made.last_seen_at)},
                           {"not_after", instant_value(made.not_after)},
                           {"aal", Value(made.aal)},
                           {"amr", array_value(made.amr)},
                           {"user_agent", text_value(made.user_agent)},
                           {"ip", text_value(made.address)},
                           {"device_id", Value(made.device.id)},
                           {"device_name", Value(made.device.name)},
                           {"device_platform", Value(made.device.platform)},
                           {"refresh_key", Value(made.refresh_key)},
                           {"refresh_generation", Value(made.refresh_generation)}});
}

}  // namespace

std::string session_role(const User& user) {
    const auto* role = user.app_metadata.if_contains("role");
    return role != nullptr && role->is_string() ? std::string(role->get_string()) : user.role;
}

SessionMode session_mode(const Settings& settings, const User& user) {
    const auto found = settings.sessions_by_role.find(session_role(user));
    return found == settings.sessions_by_role.end() ? settings.sessions : found->second;
}

Result<std::optional<Session>> find_session(data::OwnerSession& session, std::string_view id) {
    auto found = find_where(session, "id = ?1", id);
    if (!found) return std::unexpected(found.error());
    if (found->empty()) return std::nullopt;
    return std::move(found->front());
}

Result<std::vector<Session>> find_sessions(data::OwnerSession& session, const Settings& settings,
                                           std::string_view user_id, std::int64_t now_us) {
    auto found = find_where(session, "user_id = ?1", user_id);
    if (!found) return found;
    std::erase_if(*found, [&](const Session& one) { return is_over(settings, one, now_us); });
    return found;
}

Result<Session> open_session(data::OwnerSession& session, const Settings& settings,
                             const User& user, const Visitor& visitor, std::string_view method,
                             std::int64_t now_us) {
    if (session_mode(settings, user) == SessionMode::SingleDevice) {
        auto room = make_room(session, settings, user, visitor, now_us);
        if (!room) return std::unexpected(room.error());
    }
    Session made{.id = new_id(),
                 .user_id = user.id,
                 .created_at = now_us,
                 .last_seen_at = now_us,
                 .user_agent = visitor.user_agent,
                 .address = visitor.address,
                 .device = visitor.device,
                 .refresh_key = new_refresh_key()};
    if (settings.session_s_max > 0) made.not_after = now_us + settings.session_s_max * us_per_s;
    made.amr.push_back(json::object{{"method", method}, {"timestamp", now_us / us_per_s}});
    auto done = insert(session, made);
    if (!done) return std::unexpected(done.error());
    return made;
}

bool is_over(const Settings& settings, const Session& session, std::int64_t now_us) {
    if (session.not_after && *session.not_after <= now_us) return true;
    const std::int64_t idle_us = settings.session_idle_s_max * us_per_s;
    return idle_us > 0 &&
           std::max(session.last_seen_at, session.refreshed_at.value_or(0)) + idle_us <= now_us;
}

Result<std::int64_t> end_sessions(data::OwnerSession& session, std::string_view user_id,
                                  std::string_view session_id, Which which, std::string_view reason,
                                  std::int64_t now_us) {
    const std::string_view condition = which == Which::All    ? "user_id = ?1 and ?2 is not null"
                                       : which == Which::This ? "user_id = ?1 and id = ?2"
                                                              : "user_id = ?1 and id <> ?2";
    const std::vector<Value> parameters{Value(user_id), Value(session_id)};
    auto ending = session.run(fmt::format("select id from \"auth.sessions\" where {}", condition),
                              parameters);
    if (!ending) return std::unexpected(ending.error());
    for (const Row& row : *ending) {
        auto kept = session.insert("auth.ended_sessions", {{"id", row[0]},
                                                           {"user_id", Value(user_id)},
                                                           {"reason", Value(reason)},
                                                           {"ended_at", Value(now_us)}});
        if (!kept) return std::unexpected(kept.error());
    }
    return session.remove("auth.sessions", condition, parameters);
}

Result<std::int64_t> end_over_sessions(data::OwnerSession& session, const Settings& settings,
                                       std::int64_t now_us) {
    const std::int64_t idle_us = settings.session_idle_s_max * us_per_s;
    auto over = session.run(
        "select id, user_id from \"auth.sessions\" where not_after <= ?1 or (?2 > 0 and "
        "max(last_seen_at, coalesce(refreshed_at, 0)) + ?2 <= ?1) limit 100",
        {Value(now_us), Value(idle_us)});
    if (!over) return std::unexpected(over.error());
    for (const Row& row : *over) {
        auto ended = end_sessions(session, row[1].text(), row[0].text(), Which::This,
                                  end_reason::expired, now_us);
        if (!ended) return ended;
    }
    return static_cast<std::int64_t>(over->size());
}

json::object session_json(const Session& session, std::string_view current_id) {
    json::object object;
    object["id"] = session.id;
    object["current"] = session.id == current_id;
    object["created_at"] = timestamp_text(session.created_at);
    object["last_seen_at"] = timestamp_text(session.last_seen_at);
    if (session.not_after) object["not_after"] = timestamp_text(*session.not_after);
    object["aal"] = session.aal;
    object["address"] = session.address;
    object["user_agent"] = session.user_agent;
    object["device"] = json::object{{"id", session.device.id},
                                    {"name", session.device.name},
                                    {"platform", session.device.platform}};
    return object;
}

}  // namespace dunlin::auth
