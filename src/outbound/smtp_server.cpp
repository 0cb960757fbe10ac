#include "outbound/smtp_server.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "outbound/url_parts.h"

namespace dunlin::outbound {

namespace {

constexpr std::uint16_t submission_port = 587;   // RFC 6409
constexpr std::uint16_t submissions_port = 465;  // RFC 8314 section 7.3

Error invalid(std::string message) {
    return Error{ErrorCode::InvalidInput, std::move(message)};
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

bool is_host(std::string_view host) {
    return !host.empty() && std::ranges::all_of(host, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view(".-_[]:").contains(c);
    });
}

Result<SmtpSecurity> security_of(const UrlParts& parts, std::string_view host) {
    const std::string scheme = parts.part(CURLUPART_SCHEME);
    const std::string query = parts.part(CURLUPART_QUERY);
    if (scheme != "smtp" && scheme != "smtps") {
        return std::unexpected(invalid("a mail server's URL begins with smtp:// or smtps://"));
    }
    if (!query.empty() && query != "tls=none") {
        return std::unexpected(invalid("the only option of a mail server's URL is ?tls=none"));
    }
    if (scheme == "smtps") {
        if (query.empty()) return SmtpSecurity::Tls;
        return std::unexpected(invalid("smtps:// and ?tls=none contradict each other"));
    }
    return query.empty() && !is_loopback(host) ? SmtpSecurity::StartTls : SmtpSecurity::None;
}

}  // namespace

Result<void> SmtpServer::check() const {
    if (!is_host(host)) return std::unexpected(invalid("the mail server's host is not one"));
    if (port == 0) return std::unexpected(invalid("the mail server's port is 0"));
    if (user.empty() && !password.empty()) {
        return std::unexpected(invalid("the mail server has a password but no user"));
    }
    if (security == SmtpSecurity::None && !user.empty() && !is_loopback(host)) {
        return std::unexpected(
            invalid("the mail server's password would be sent in clear: use TLS or no user"));
    }
    return {};
}

Result<SmtpServer> parse_smtp_url(const std::string& url) {
    UrlParts parts;
    if (parts.parse(url) != CURLUE_OK) {
        return std::unexpected(invalid("the mail server's URL is not a URL"));
    }
    SmtpServer server{.host = parts.part(CURLUPART_HOST),
                      .user = parts.part(CURLUPART_USER, CURLU_URLDECODE),
                      .password = parts.part(CURLUPART_PASSWORD, CURLU_URLDECODE)};
    const auto security = security_of(parts, server.host);
    if (!security) return std::unexpected(security.error());
    server.security = *security;
    server.port = server.security == SmtpSecurity::Tls ? submissions_port : submission_port;
    const std::string path = parts.part(CURLUPART_PATH);
    if (!path.empty() && path != "/") {
        return std::unexpected(invalid("a mail server's URL has no path"));
    }
    const std::string port = parts.part(CURLUPART_PORT, 0);
    // libcurl has checked that it is a number of 16 bits.
    if (!port.empty()) std::from_chars(port.data(), port.data() + port.size(), server.port);
    const auto valid = server.check();
    if (!valid) return std::unexpected(valid.error());
    return server;
}

}  // namespace dunlin::outbound
