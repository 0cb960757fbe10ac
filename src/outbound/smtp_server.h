#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace dunlin::outbound {

/// How the connection to a mail server is protected.
enum class SmtpSecurity : std::uint8_t {
    Tls,       // from the first byte: smtps (RFC 8314 section 3.3)
    StartTls,  // STARTTLS (RFC 3207) or nothing is sent
    None,      // in clear; a password only to loopback
};

/// Where mail is handed in, and as whom.
struct SmtpServer {
    std::string host;
    std::uint16_t port = 587;
    SmtpSecurity security = SmtpSecurity::StartTls;
    std::string user{};  // "" when the server asks for none
    std::string password{};

    /// Fails with InvalidInput when the host is not one, or a password would travel in clear to
    /// another machine.
    Result<void> check() const;
};

/// Reads `smtp://USER:PASSWORD@HOST:PORT`, user, password and port being optional and
/// percent-encoded: `smtps://` is TLS at port 465; `smtp://` is STARTTLS at port 587, or in clear
/// when the host is loopback or `?tls=none` says so. Fails with InvalidInput, without repeating the
/// URL, which may hold the password.
Result<SmtpServer> parse_smtp_url(const std::string& url);

}  // namespace dunlin::outbound
