#include "cli/user_text.h"

#include <boost/json/serialize.hpp>
#include <vector>

#include "auth/user.h"
#include "cli/text_table.h"
#include "core/clock.h"

namespace dunlin::cli {

namespace json = boost::json;

namespace {

using Rows = std::vector<std::vector<std::string>>;

/// "2026-11-21 17:31" of a timestamp as JSON has it.
std::string minute_of(const std::string& timestamp) {
    constexpr std::size_t minute_bytes = 16;
    std::string minute = timestamp.substr(0, minute_bytes);
    if (minute.size() == minute_bytes) minute[10] = ' ';
    return minute;
}

/// Both are UTC and in one form, so that text compares as time.
bool is_to_come(const std::string& timestamp) {
    return timestamp > auth::timestamp_text(SystemClock().now_us());
}

std::string state_of(const json::value& user) {
    if (!text_at(user, "deleted_at").empty()) return "deleted";
    const std::string banned_until = text_at(user, "banned_until");
    if (is_to_come(banned_until)) return "banned until " + minute_of(banned_until);
    return text_at(user, "confirmed_at").empty() ? "unconfirmed" : "active";
}

std::string device_of(const json::value& session) {
    const auto* device = session.as_object().if_contains("device");
    const std::string name = device == nullptr ? "" : text_at(*device, "name");
    return name.empty() ? text_at(session, "user_agent") : name;
}

}  // namespace

std::string text_at(const json::value& object, std::string_view name) {
    const auto* members = object.if_object();
    const auto* member = members == nullptr ? nullptr : members->if_contains(name);
    return member == nullptr || !member->is_string() ? "" : std::string(member->get_string());
}

std::string name_of(const json::value& user) {
    for (const std::string_view name : {"email", "phone"}) {
        if (!text_at(user, name).empty()) return text_at(user, name);
    }
    return text_at(user, "id");
}

std::string users_table(const json::array& users) {
    Rows rows{{"ID", "EMAIL", "PHONE", "ROLE", "CREATED", "LAST SIGN-IN", "STATE"}};
    for (const auto& user : users) {
        rows.push_back({text_at(user, "id"), text_at(user, "email"), text_at(user, "phone"),
                        text_at(user, "role"), minute_of(text_at(user, "created_at")),
                        minute_of(text_at(user, "last_sign_in_at")), state_of(user)});
    }
    return text_table(rows);
}

std::string user_lines(const json::value& user) {
    Rows rows{{"id", text_at(user, "id")},
              {"email", text_at(user, "email")},
              {"phone", text_at(user, "phone")},
              {"role", text_at(user, "role")},
              {"state", state_of(user)},
              {"created", minute_of(text_at(user, "created_at"))},
              {"last sign-in", minute_of(text_at(user, "last_sign_in_at"))}};
    for (const std::string_view name : {"app_metadata", "user_metadata"}) {
        const auto* member = user.as_object().if_contains(name);
        if (member != nullptr) rows.push_back({std::string(name), json::serialize(*member)});
    }
    return text_table(rows);
}

std::string sessions_table(const json::array& sessions) {
    Rows rows{{"ID", "DEVICE", "ADDRESS", "SIGNED IN", "LAST SEEN", "AAL"}};
    for (const auto& session : sessions) {
        rows.push_back({text_at(session, "id"), device_of(session), text_at(session, "address"),
                        minute_of(text_at(session, "created_at")),
                        minute_of(text_at(session, "last_seen_at")), text_at(session, "aal")});
    }
    return text_table(rows);
}

}  // namespace dunlin::cli
