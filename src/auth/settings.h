#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "auth/password_policy.h"
#include "auth/provider_settings.h"

namespace dunlin::auth {

/// How many devices one account may be signed in on.
enum class SessionMode : std::uint8_t { Many, SingleDevice };

/// So many attempts in so long; counted in the database, so a restart forgives nothing.
struct RateLimit {
    std::int64_t count_max = 0;
    std::int64_t seconds = 0;
};

struct RateLimits {
    RateLimit account{10, 300};         // failed proofs of one account: password, code
    RateLimit factor{5, 300};           // failed codes of one account's second factors
    RateLimit address{300, 300};        // sign-ins, sign-ups and codes from one IP address
    RateLimit global{6000, 60};         // the same, all together
    RateLimit refresh{1800, 300};       // refreshes from one IP address
    RateLimit messages{30, 3600};       // mails and text messages that one IP address asks for
    std::int64_t message_pause_s = 60;  // between two messages to one account
};

/// The mail server, `[auth.smtp]`. Without a URL no mail can be sent.
struct SmtpSettings {
    std::string url{};  // as outbound::parse_smtp_url() reads it
    std::string user{};
    std::string password{};
    std::string password_file{};  // relative to the project
    std::string from{};
    std::string from_name{};
};

/// What sends text messages, `[auth.sms]`. Without a URL none can be sent.
struct SmsSettings {
    std::string webhook_url{};
    std::string webhook_secret{};
};

/// `[auth.external.NAME]`: another provider that people may sign in with.
struct ExternalProvider {
    bool enabled = false;
    ProviderOptions options{};
    bool email_optional = false;  // accounts without a verified address
    std::vector<std::string> trusted_hosts{};
    std::string apple_key_file{};  // relative to the project
};

/// The `[auth]` part of dunlin.toml (docs/operating/settings.md). Times in seconds.
struct Settings {
    std::string url{};       // of this server as clients reach it, "http://127.0.0.1:54321"
    std::string site_url{};  // of the application: where links lead when nothing else is said
    /// Where else links may lead: URLs, `*` for any characters but `.` and `/`, `**` for any.
    std::vector<std::string> redirect_urls{};

    bool sign_ups = false;
    bool anonymous = false;
    bool manual_linking = false;
    bool confirm_email = true;
    bool confirm_phone = true;

    std::int64_t access_token_s = 3600;
    std::int64_t refresh_reuse_s = 10;
    std::int64_t session_s_max = 0;  // 0: without end
    std::int64_t session_idle_s_max = 0;
    SessionMode sessions = SessionMode::Many;
    std::map<std::string, SessionMode> sessions_by_role{};  // role: see session_role()

    std::int64_t code_s = 3600;               // how long a mailed code or link is good
    std::int64_t reauthentication_s = 86400;  // a password may be changed without it so long
    bool secure_password_change = false;
    bool secure_email_change = true;  // both addresses must agree
    std::int64_t factors_max = 10;

    PasswordPolicy password_policy{};
    std::size_t hashing_threads = 1;
    std::size_t hashing_queue_max = 256;
    RateLimits limits{};
    SmtpSettings smtp{};
    SmsSettings sms{};
    std::map<std::string, ExternalProvider> external{};  // by name
};

}  // namespace dunlin::auth
