#include "auth/user.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "auth/error.h"
#include "core/check.h"
#include "core/codec.h"
#include "core/date_time.h"
#include "core/functions.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

Value jsonb_value(const std::string& text) {
    auto stored = codec::parse_text({.kind = TypeKind::Jsonb}, text);
    CHECK(stored.has_value());
    return std::move(*stored);
}

/// A column of auth.users and the member that holds it.
struct Column {
    std::string_view name;
    Value (*read)(const User&);
    void (*take)(User&, const Value&);
};

template <auto member>
constexpr Column text_column(std::string_view name) {
    return {name, [](const User& user) { return text_value(user.*member); },
            [](User& user, const Value& value) { user.*member = text_of(value); }};
}

template <auto member>
constexpr Column instant_column(std::string_view name) {
    return {name, [](const User& user) { return instant_value(user.*member); },
            [](User& user, const Value& value) { user.*member = instant_of(value); }};
}

template <auto member>
constexpr Column object_column(std::string_view name) {
    return {name, [](const User& user) { return object_value(user.*member); },
            [](User& user, const Value& value) { user.*member = object_of(value); }};
}

constexpr Column columns[] = {
    text_column<&User::id>("id"),
    text_column<&User::aud>("aud"),
    text_column<&User::role>("role"),
    text_column<&User::email>("email"),
    text_column<&User::phone>("phone"),
    text_column<&User::password_hash>("encrypted_password"),
    instant_column<&User::email_confirmed_at>("email_confirmed_at"),
    instant_column<&User::phone_confirmed_at>("phone_confirmed_at"),
    instant_column<&User::invited_at>("invited_at"),
    instant_column<&User::confirmation_sent_at>("confirmation_sent_at"),
    instant_column<&User::recovery_sent_at>("recovery_sent_at"),
    text_column<&User::new_email>("email_change"),
    instant_column<&User::email_change_sent_at>("email_change_sent_at"),
    text_column<&User::new_phone>("phone_change"),
    instant_column<&User::phone_change_sent_at>("phone_change_sent_at"),
    instant_column<&User::reauthentication_sent_at>("reauthentication_sent_at"),
    instant_column<&User::last_sign_in_at>("last_sign_in_at"),
    object_column<&User::app_metadata>("raw_app_meta_data"),
    object_column<&User::user_metadata>("raw_user_meta_data"),
    instant_column<&User::banned_until>("banned_until"),
    instant_column<&User::deleted_at>("deleted_at"),
    {"is_anonymous", [](const User& user) { return Value::boolean(user.is_anonymous); },
     [](User& user, const Value& value) {
         user.is_anonymous = value.is_integer() && value.integer() != 0;
     }},
    instant_column<&User::created_at>("created_at"),
    instant_column<&User::updated_at>("updated_at"),
    instant_column<&User::claims_changed_at>("claims_changed_at"),
};

// Not LIKE: its wildcards would have to be escaped.
constexpr std::string_view matches_filter =
    "(?1 = '' or instr(lower(email), lower(?1)) > 0 or instr(phone, ?1) > 0 or "
    "instr(lower(raw_user_meta_data ->> '$.full_name'), lower(?1)) > 0)";

const std::string& column_list() {
    static const std::string list = [] {
        std::string text;
        for (const Column& column : columns) {
            text += (text.empty() ? "" : ", ") + std::string(column.name);
        }
        return text;
    }();
    return list;
}

User user_of(const Row& row) {
    User user;
    for (std::size_t i = 0; i < std::size(columns); ++i) columns[i].take(user, row[i]);
    return user;
}

Result<std::optional<User>> find_by(data::OwnerSession& session, std::string_view condition,
                                    std::string_view value) {
    if (value.empty()) return std::nullopt;
    auto rows =
        session.run(fmt::format("select {} from \"auth.users\" where {}", column_list(), condition),
                    {Value(value)});
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty()) return std::nullopt;
    return user_of(rows->front());
}

}  // namespace

json::object object_of(const Value& value) {
    if (!value.is_text()) return {};
    boost::system::error_code failure;
    auto parsed = json::parse(value.text(), failure);
    return failure || !parsed.is_object() ? json::object() : std::move(parsed.as_object());
}

Value object_value(const json::object& object) {
    return jsonb_value(json::serialize(object));
}

Value array_value(const json::array& array) {
    return jsonb_value(json::serialize(array));
}

Result<std::optional<User>> find_user(data::OwnerSession& session, std::string_view id) {
    return find_by(session, "id = ?1", id);
}

Result<std::optional<User>> find_user_by_email(data::OwnerSession& session,
                                               std::string_view email) {
    return find_by(session, "email = ?1 and is_sso_user = 0", email);
}

Result<std::optional<User>> find_user_by_phone(data::OwnerSession& session,
                                               std::string_view phone) {
    return find_by(session, "phone = ?1", phone);
}

Result<User> require_user(data::OwnerSession& session, std::string_view id) {
    auto user = find_user(session, id);
    if (!user) return std::unexpected(user.error());
    if (!*user) return std::unexpected(user_not_found());
    return std::move(**user);
}

Result<std::vector<User>> list_users(data::OwnerSession& session, std::string_view filter,
                                     std::int64_t limit, std::int64_t offset) {
    auto rows = session.run(fmt::format("select {} from \"auth.users\" where {} order by "
                                        "created_at desc, id desc limit ?2 offset ?3",
                                        column_list(), matches_filter),
                            {Value(filter), Value(limit), Value(offset)});
    if (!rows) return std::unexpected(rows.error());
    std::vector<User> users;
    for (const Row& row : *rows) users.push_back(user_of(row));
    return users;
}

Result<std::int64_t> count_users(data::OwnerSession& session, std::string_view filter) {
    auto rows =
        session.run(fmt::format("select count(*) from \"auth.users\" where {}", matches_filter),
                    {Value(filter)});
    if (!rows) return std::unexpected(rows.error());
    return rows->front()[0].integer();
}

Result<void> insert_user(data::OwnerSession& session, const User& user) {
    data::Fields fields;
    for (const Column& column : columns) fields.emplace_back(column.name, column.read(user));
    return session.insert("auth.users", fields);
}

Result<void> update_user(data::OwnerSession& session, const User& before, const User& after,
                         std::int64_t now_us) {
    data::Fields fields;
    for (const Column& column : columns) {
        Value value = column.read(after);
        if (value != column.read(before)) fields.emplace_back(column.name, std::move(value));
    }
    if (fields.empty()) return {};
    std::erase_if(fields, [](const data::Field& field) { return field.first == "updated_at"; });
    fields.emplace_back("updated_at", Value(now_us));
    auto done = session.update("auth.users", fields, "id = ?1", {Value(after.id)});
    if (!done) return std::unexpected(done.error());
    return {};
}

void merge_metadata(json::object& into, const json::object& from) {
    for (const auto& [name, value] : from) {
        if (value.is_null())
            into.erase(name);
        else
            into[name] = value;
    }
}

std::string new_id() {
    static const ScalarFunction* made = find_scalar_function("gen_random_uuid");
    auto id = made->call({}, {});
    CHECK(id.has_value());
    return id->text();
}

std::string timestamp_text(std::int64_t us) {
    std::string text;
    date_time::print_timestamp(us, 'T', text);
    text.push_back('Z');
    return text;
}

Value instant_value(const Instant& instant) {
    return instant ? Value(*instant) : Value();
}

Value text_value(std::string_view text) {
    return text.empty() ? Value() : Value(text);
}

Instant instant_of(const Value& value) {
    return value.is_integer() ? Instant(value.integer()) : Instant();
}

std::string text_of(const Value& value) {
    return value.is_text() ? value.text() : std::string();
}

Result<std::string> normal_email(std::string_view text) {
    std::string email;
    for (const char c : text) {
        email.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    const auto at = email.rfind('@');
    const bool shaped = at != email.npos && at > 0 && at <= 64 && email.size() <= 254 &&
                        at + 1 < email.size() && email[at + 1] != '.' && email.back() != '.';
    const bool clean = std::ranges::none_of(email, [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == 0x7f ||
               std::string_view("<>()[],;:\\\"").contains(c);
    });
    if (!shaped || !clean || email.find('@') != at || email.find("..") != email.npos) {
        return std::unexpected(
            validation_failed("Unable to validate email address: invalid format"));
    }
    return email;
}

Result<std::string> normal_phone(std::string_view text) {
    std::string phone;
    for (const char c : text) {
        if (c >= '0' && c <= '9')
            phone.push_back(c);
        else if (!std::string_view("+ -()").contains(c))
            return std::unexpected(
                validation_failed("Invalid phone number format (E.164 required)"));
    }
    if (phone.size() < 7 || phone.size() > 15 || phone.front() == '0') {
        return std::unexpected(validation_failed("Invalid phone number format (E.164 required)"));
    }
    return phone;
}

}  // namespace dunlin::auth
