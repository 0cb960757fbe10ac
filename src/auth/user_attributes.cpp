#include "auth/user_attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <charconv>
#include <cmath>

#include "auth/address_identity.h"
#include "auth/error.h"
#include "auth/password_hash.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::string_view no_ban = "none";
constexpr std::string_view nil_uuid = "00000000-0000-0000-0000-000000000000";

struct Unit {
    std::string_view name;
    double us;
};
// "ms" before "m": the longer name is tried first.
constexpr Unit units[] = {{"ns", 1e-3}, {"us", 1},  {"ms", 1e3},
                          {"h", 3.6e9}, {"m", 6e7}, {"s", 1e6}};

/// Takes a number and its unit from the front of `text`; negative when there is none.
double take_part(std::string_view& text) {
    const auto digits = text.find_first_not_of("0123456789.");
    if (digits == 0 || digits == text.npos) return -1;
    double number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + digits, number);
    if (failure != std::errc() || end != text.data() + digits) return -1;
    text.remove_prefix(digits);
    for (const Unit& unit : units) {
        if (!text.starts_with(unit.name)) continue;
        text.remove_prefix(unit.name.size());
        return number * unit.us;
    }
    return -1;
}

/// Roles that tokens may have (token.h).
bool is_role(std::string_view role) {
    return role == "authenticated" || role == "anon" || role == "service_role";
}

Result<void> check_texts(const UserAttributes& attributes) {
    if (!attributes.password.empty() && !attributes.password_hash.empty()) {
        return std::unexpected(
            validation_failed("Only a password or a password hash should be provided"));
    }
    if (!attributes.password_hash.empty() && !is_password_hash(attributes.password_hash)) {
        return std::unexpected(
            validation_failed("password_hash must be a bcrypt hash of a cost up to 14, or an "
                              "Argon2id hash in PHC form of up to 256 MiB"));
    }
    if (!attributes.role.empty() && !is_role(attributes.role)) {
        return std::unexpected(
            validation_failed("role must be authenticated, anon or service_role"));
    }
    if (!attributes.ban_duration.empty() && attributes.ban_duration != no_ban &&
        !parse_duration(attributes.ban_duration)) {
        return std::unexpected(validation_failed(
            fmt::format("invalid format for ban duration: \"none\", or numbers with the units h, "
                        "m, s, as in \"24h\" or \"1h30m\", of at most {}h",
                        ban_hours_max)));
    }
    if (!attributes.id.empty() && !is_uuid(attributes.id)) {
        return std::unexpected(validation_failed("ID must conform to the uuid v4 format"));
    }
    if (attributes.id == nil_uuid) {
        return std::unexpected(validation_failed("ID cannot be a nil uuid"));
    }
    return {};
}

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
    if (text.empty()) return std::nullopt;
    double sum_us = 0;
    while (!text.empty()) {
        const double part_us = take_part(text);
        if (part_us < 0) return std::nullopt;
        sum_us += part_us;
    }
    constexpr double us_max = static_cast<double>(ban_hours_max) * 3.6e9;
    if (sum_us > us_max) return std::nullopt;
    return static_cast<std::int64_t>(std::llround(sum_us));
}

Result<UserAttributes> normal_attributes(UserAttributes attributes) {
    const auto fine = check_texts(attributes);
    if (!fine) return std::unexpected(fine.error());
    if (!attributes.email.empty()) {
        auto email = normal_email(attributes.email);
        if (!email) return std::unexpected(email.error());
        attributes.email = std::move(*email);
    }
    if (!attributes.phone.empty()) {
        auto phone = normal_phone(attributes.phone);
        if (!phone) return std::unexpected(phone.error());
        attributes.phone = std::move(*phone);
    }
    std::ranges::transform(attributes.id, attributes.id.begin(), [](char c) {
        return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return attributes;
}

void apply_attributes(User& user, const UserAttributes& attributes, const std::string& hash,
                      std::int64_t now_us) {
    const User before = user;
    if (!attributes.email.empty()) {
        user.email = attributes.email;
        user.new_email.clear();  // A change that was under way is out of date.
    }
    if (!attributes.phone.empty()) {
        user.phone = attributes.phone;
        user.new_phone.clear();
    }
    if (attributes.email_confirm && !user.email_confirmed_at) user.email_confirmed_at = now_us;
    if (attributes.phone_confirm && !user.phone_confirmed_at) user.phone_confirmed_at = now_us;
    const bool has_address = !user.email.empty() || !user.phone.empty();
    if (has_address && user.is_confirmed()) user.is_anonymous = false;
    if (!hash.empty()) user.password_hash = hash;
    if (!attributes.role.empty()) user.role = attributes.role;
    merge_metadata(user.user_metadata, attributes.user_metadata);
    merge_metadata(user.app_metadata, attributes.app_metadata);
    if (!attributes.email.empty()) add_provider(user.app_metadata, "email");
    if (!attributes.phone.empty()) add_provider(user.app_metadata, "phone");
    if (attributes.ban_duration == no_ban) {
        user.banned_until.reset();
    } else if (!attributes.ban_duration.empty()) {
        user.banned_until = now_us + parse_duration(attributes.ban_duration).value();
    }
    if (user.role != before.role || user.app_metadata != before.app_metadata) {
        user.claims_changed_at = now_us;
    }
}

bool is_uuid(std::string_view text) {
    if (text.size() != nil_uuid.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (nil_uuid[i] == '-' ? c != '-' : !hex) return false;
    }
    return true;
}

}  // namespace dunlin::auth
