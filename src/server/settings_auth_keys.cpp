#include <algorithm>
#include <array>

#include "server/settings_keys.h"

namespace dunlin::server {

namespace {

using enum KeyKind;

std::string_view taken() {
    return {};
}

template <auto member>
std::string_view set_text(Settings& settings, const Given& given) {
    settings.auth.*member = given.text;
    return taken();
}

template <auto member>
std::string_view set_boolean(Settings& settings, const Given& given) {
    settings.auth.*member = given.number != 0;
    return taken();
}

template <auto member>
std::string_view set_number(Settings& settings, const Given& given) {
    using Number = std::remove_reference_t<decltype(settings.auth.*member)>;
    settings.auth.*member = static_cast<Number>(given.number);
    return taken();
}

template <auto member>
std::string_view set_smtp(Settings& settings, const Given& given) {
    settings.auth.smtp.*member = given.text;
    return taken();
}

template <auto limit, auto member>
std::string_view set_limit(Settings& settings, const Given& given) {
    (settings.auth.limits.*limit).*member = given.number;
    return taken();
}

bool is_url(std::string_view text) {
    return text.starts_with("http://") || text.starts_with("https://");
}

template <auto member>
std::string_view set_url(Settings& settings, const Given& given) {
    std::string& url = settings.auth.*member;
    url = given.text;
    while (url.ends_with('/')) url.pop_back();
    return is_url(given.text) ? "" : "a URL, http:// or https://";
}

/// As is_url(), or of an application on a telephone ("clinic://signed-in").
bool is_redirect(std::string_view text) {
    const auto colon = text.find("://");
    return colon != text.npos && colon > 0;
}

std::string_view read_mode(const Given& given, auth::SessionMode& mode) {
    mode = given.text == "many" ? auth::SessionMode::Many : auth::SessionMode::SingleDevice;
    const bool known = given.text == "many" || given.text == "single-device";
    return known ? "" : "\"many\" or \"single-device\"";
}

std::string_view set_required(Settings& settings, const Given& given) {
    const auto required = auth::required_characters_named(given.text);
    if (required) settings.auth.password_policy.required = *required;
    return required ? ""
                    : "\"\", \"letters_digits\", \"lower_upper_letters_digits\" or "
                      "\"lower_upper_letters_digits_symbols\"";
}

using auth::RateLimit;
using auth::RateLimits;
constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t count_max = 1'000'000'000;

constexpr Key keys[] = {
    {"auth.external_url", "DUNLIN_AUTH_EXTERNAL_URL", Text, 0, 0, set_url<&auth::Settings::url>},
    {"auth.site_url", "DUNLIN_AUTH_SITE_URL", Text, 0, 0, set_url<&auth::Settings::site_url>},
    {"auth.redirect_urls", "DUNLIN_AUTH_REDIRECT_URLS", List, 0, 0,
     [](Settings& settings, const Given& given) {
         settings.auth.redirect_urls = given.list;
         return std::ranges::all_of(given.list, is_redirect) ? std::string_view()
                                                             : "a list of URLs";
     }},
    {"auth.sign_ups", "DUNLIN_AUTH_SIGN_UPS", Boolean, 0, 1,
     set_boolean<&auth::Settings::sign_ups>},
    {"auth.anonymous_sign_ins", "DUNLIN_AUTH_ANONYMOUS_SIGN_INS", Boolean, 0, 1,
     set_boolean<&auth::Settings::anonymous>},
    {"auth.manual_linking", "DUNLIN_AUTH_MANUAL_LINKING", Boolean, 0, 1,
     set_boolean<&auth::Settings::manual_linking>},
    {"auth.confirm_email", "DUNLIN_AUTH_CONFIRM_EMAIL", Boolean, 0, 1,
     set_boolean<&auth::Settings::confirm_email>},
    {"auth.confirm_phone", "DUNLIN_AUTH_CONFIRM_PHONE", Boolean, 0, 1,
     set_boolean<&auth::Settings::confirm_phone>},
    {"auth.secure_password_change", "DUNLIN_AUTH_SECURE_PASSWORD_CHANGE", Boolean, 0, 1,
     set_boolean<&auth::Settings::secure_password_change>},
    {"auth.secure_email_change", "DUNLIN_AUTH_SECURE_EMAIL_CHANGE", Boolean, 0, 1,
     set_boolean<&auth::Settings::secure_email_change>},
    {"auth.access_token_seconds", "DUNLIN_AUTH_ACCESS_TOKEN_SECONDS", Number, 30, 7 * day_s,
     set_number<&auth::Settings::access_token_s>},
    {"auth.refresh_reuse_seconds", "DUNLIN_AUTH_REFRESH_REUSE_SECONDS", Number, 0, 60,
     set_number<&auth::Settings::refresh_reuse_s>},
    {"auth.code_seconds", "DUNLIN_AUTH_CODE_SECONDS", Number, 60, day_s,
     set_number<&auth::Settings::code_s>},
    {"auth.reauthentication_seconds", "DUNLIN_AUTH_REAUTHENTICATION_SECONDS", Number, 0,
     365 * day_s, set_number<&auth::Settings::reauthentication_s>},
    {"auth.session_seconds_max", "DUNLIN_AUTH_SESSION_SECONDS_MAX", Number, 0, 3650 * day_s,
     set_number<&auth::Settings::session_s_max>},
    {"auth.session_idle_seconds_max", "DUNLIN_AUTH_SESSION_IDLE_SECONDS_MAX", Number, 0,
     3650 * day_s, set_number<&auth::Settings::session_idle_s_max>},
    {"auth.sessions", "DUNLIN_AUTH_SESSIONS", Text, 0, 0,
     [](Settings& settings, const Given& given) {
         return read_mode(given, settings.auth.sessions);
     }},
    {"auth.roles.*.sessions", "", Text, 0, 0,
     [](Settings& settings, const Given& given) {
         return read_mode(given, settings.auth.sessions_by_role[given.name]);
     }},
    {"auth.factors_max", "DUNLIN_AUTH_FACTORS_MAX", Number, 0, 100,
     set_number<&auth::Settings::factors_max>},
    {"auth.password.length_min", "DUNLIN_AUTH_PASSWORD_LENGTH_MIN", Number, 6,
     auth::PasswordPolicy::length_max,
     [](Settings& settings, const Given& given) {
         settings.auth.password_policy.length_min = static_cast<std::size_t>(given.number);
         return taken();
     }},
    {"auth.password.required_characters", "DUNLIN_AUTH_PASSWORD_REQUIRED_CHARACTERS", Text, 0, 0,
     set_required},
    {"auth.password.refuse_common", "DUNLIN_AUTH_PASSWORD_REFUSE_COMMON", Boolean, 0, 1,
     [](Settings& settings, const Given& given) {
         settings.auth.password_policy.refuse_common = given.number != 0;
         return taken();
     }},
    {"auth.hashing_threads", "DUNLIN_AUTH_HASHING_THREADS", Number, 1, 64,
     set_number<&auth::Settings::hashing_threads>},
    {"auth.hashing_queue_max", "DUNLIN_AUTH_HASHING_QUEUE_MAX", Number, 1, 100'000,
     set_number<&auth::Settings::hashing_queue_max>},
    {"auth.limits.account_attempts", "DUNLIN_AUTH_LIMITS_ACCOUNT_ATTEMPTS", Number, 1, count_max,
     set_limit<&RateLimits::account, &RateLimit::count_max>},
    {"auth.limits.account_seconds", "DUNLIN_AUTH_LIMITS_ACCOUNT_SECONDS", Number, 1, day_s,
     set_limit<&RateLimits::account, &RateLimit::seconds>},
    {"auth.limits.factor_attempts", "DUNLIN_AUTH_LIMITS_FACTOR_ATTEMPTS", Number, 1, count_max,
     set_limit<&RateLimits::factor, &RateLimit::count_max>},
    {"auth.limits.factor_seconds", "DUNLIN_AUTH_LIMITS_FACTOR_SECONDS", Number, 1, day_s,
     set_limit<&RateLimits::factor, &RateLimit::seconds>},
    {"auth.limits.address_attempts", "DUNLIN_AUTH_LIMITS_ADDRESS_ATTEMPTS", Number, 1, count_max,
     set_limit<&RateLimits::address, &RateLimit::count_max>},
    {"auth.limits.address_seconds", "DUNLIN_AUTH_LIMITS_ADDRESS_SECONDS", Number, 1, day_s,
     set_limit<&RateLimits::address, &RateLimit::seconds>},
    {"auth.limits.attempts", "DUNLIN_AUTH_LIMITS_ATTEMPTS", Number, 1, count_max,
     set_limit<&RateLimits::global, &RateLimit::count_max>},
    {"auth.limits.seconds", "DUNLIN_AUTH_LIMITS_SECONDS", Number, 1, day_s,
     set_limit<&RateLimits::global, &RateLimit::seconds>},
    {"auth.limits.address_refreshes", "DUNLIN_AUTH_LIMITS_ADDRESS_REFRESHES", Number, 1, count_max,
     set_limit<&RateLimits::refresh, &RateLimit::count_max>},
    {"auth.limits.address_messages_per_hour", "DUNLIN_AUTH_LIMITS_ADDRESS_MESSAGES", Number, 1,
     count_max, set_limit<&RateLimits::messages, &RateLimit::count_max>},
    {"auth.limits.message_pause_seconds", "DUNLIN_AUTH_LIMITS_MESSAGE_PAUSE", Number, 0, day_s,
     [](Settings& settings, const Given& given) {
         settings.auth.limits.message_pause_s = given.number;
         return taken();
     }},
    {"auth.smtp.url", "DUNLIN_AUTH_SMTP_URL", Text, 0, 0, set_smtp<&auth::SmtpSettings::url>},
    {"auth.smtp.user", "DUNLIN_AUTH_SMTP_USER", Text, 0, 0, set_smtp<&auth::SmtpSettings::user>},
    {"auth.smtp.password", "DUNLIN_AUTH_SMTP_PASSWORD", Text, 0, 0,
     set_smtp<&auth::SmtpSettings::password>},
    {"auth.smtp.password_file", "DUNLIN_AUTH_SMTP_PASSWORD_FILE", Text, 0, 0,
     set_smtp<&auth::SmtpSettings::password_file>},
    {"auth.smtp.from", "DUNLIN_AUTH_SMTP_FROM", Text, 0, 0, set_smtp<&auth::SmtpSettings::from>},
    {"auth.smtp.from_name", "DUNLIN_AUTH_SMTP_FROM_NAME", Text, 0, 0,
     set_smtp<&auth::SmtpSettings::from_name>},
    {"auth.sms.webhook_url", "DUNLIN_AUTH_SMS_WEBHOOK_URL", Text, 0, 0,
     [](Settings& settings, const Given& given) {
         settings.auth.sms.webhook_url = given.text;
         return is_url(given.text) ? taken() : "a URL, http:// or https://";
     }},
    {"auth.sms.webhook_secret", "DUNLIN_AUTH_SMS_WEBHOOK_SECRET", Text, 0, 0,
     [](Settings& settings, const Given& given) {
         settings.auth.sms.webhook_secret = given.text;
         return taken();
     }},
};

}  // namespace

std::span<const Key> auth_settings_keys() {
    return keys;
}

}  // namespace dunlin::server
