#include "outbound/mail_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "core/limits.h"
#include "outbound/mime.h"

namespace dunlin::outbound {

namespace {

constexpr std::size_t address_bytes_max = 254;  // RFC 3696, erratum 1690
constexpr std::size_t local_part_bytes_max = 64;

Error invalid(std::string message) {
    return Error{ErrorCode::InvalidInput, std::move(message)};
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_local_character(char c) {  // atext and the dot: RFC 5322 section 3.2.3
    return is_letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~.").contains(c);
}

bool is_dotted(std::string_view text) {
    return !text.starts_with('.') && !text.ends_with('.') && !text.contains("..");
}

bool is_domain(std::string_view text) {
    return !text.empty() && is_dotted(text) && !text.starts_with('-') && !text.ends_with('-') &&
           std::ranges::all_of(
               text, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.'; });
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char c) { return c < 0x80; });
}

/// A line break in a header would begin another one, and with it another message.
Result<void> check_header(std::string_view name, std::string_view value) {
    if (std::ranges::any_of(value, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
        return std::unexpected(invalid(fmt::format("the {} holds a control character", name)));
    }
    if (value.size() > limits::mail_header_bytes_max) {
        return std::unexpected(invalid(
            fmt::format("the {} is longer than {} bytes", name, limits::mail_header_bytes_max)));
    }
    return {};
}

Result<void> check(const Mail& mail) {
    if (auto valid = check_mail_address(mail.from); !valid) return valid;
    if (auto valid = check_mail_address(mail.to); !valid) return valid;
    if (auto valid = check_header("sender's name", mail.from_name); !valid) return valid;
    if (auto valid = check_header("subject", mail.subject); !valid) return valid;
    if (mail.text.empty() && mail.html.empty()) {
        return std::unexpected(invalid("the message is empty"));
    }
    if (mail.text.size() + mail.html.size() > limits::mail_bytes_max) {
        return std::unexpected(
            invalid(fmt::format("the message is larger than {} bytes", limits::mail_bytes_max)));
    }
    return {};
}

std::string date_text(std::int64_t time_s) {  // RFC 5322 section 3.3
    constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = time_s;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0000", days[parts.tm_wday], parts.tm_mday,
                       months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min,
                       parts.tm_sec);
}

std::string from_header(const Mail& mail) {
    constexpr std::string_view name = "From: ";
    if (mail.from_name.empty()) return fmt::format("{}{}\r\n", name, mail.from);
    return fmt::format("{}{}\r\n <{}>\r\n", name,
                       mime::encode_display_name(mail.from_name, name.size()), mail.from);
}

std::string subject_header(const Mail& mail) {
    constexpr std::string_view name = "Subject: ";
    return fmt::format("{}{}\r\n", name, mime::encode_header_text(mail.subject, name.size()));
}

/// A body with the headers that say what it is.
std::string part(std::string_view type, std::string_view content) {
    return fmt::format(
        "Content-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}",
        type, mime::encode_quoted_printable(content));
}

std::string bodies(const Mail& mail, const MessageStamp& stamp) {
    if (mail.html.empty()) return part("text/plain", mail.text) + "\r\n";
    if (mail.text.empty()) return part("text/html", mail.html) + "\r\n";
    // Quoted-printable never holds "=_" (RFC 2045 section 6.7), so no body can hold the boundary.
    const std::string boundary = "=_" + stamp.unique;
    // The last part is the best one (RFC 2046 section 5.1.4).
    return fmt::format(
        "Content-Type: multipart/alternative; boundary=\"{0}\"\r\n\r\n--{0}\r\n{1}\r\n--{0}\r\n{2}"
        "\r\n--{0}--\r\n",
        boundary, part("text/plain", mail.text), part("text/html", mail.html));
}

}  // namespace

Result<void> check_mail_address(std::string_view address) {
    if (!is_ascii(address)) {
        return std::unexpected(
            invalid("mail addresses with letters beyond ASCII (RFC 6531) are not supported"));
    }
    const auto at = address.rfind('@');
    const auto local = address.substr(0, at);
    const bool valid = at != address.npos && address.size() <= address_bytes_max &&
                       !local.empty() && local.size() <= local_part_bytes_max && is_dotted(local) &&
                       std::ranges::all_of(local, is_local_character) &&
                       is_domain(address.substr(at + 1));
    // What was given is not repeated: it may be anything, and this text is shown.
    if (!valid) return std::unexpected(invalid("this is not a mail address"));
    return {};
}

Result<std::string> build_message(const Mail& mail, const MessageStamp& stamp) {
    const auto valid = check(mail);
    if (!valid) return std::unexpected(valid.error());
    const std::string domain = mail.from.substr(mail.from.rfind('@') + 1);
    std::string message = fmt::format("Date: {}\r\n", date_text(stamp.time_s));
    message += from_header(mail);
    message += fmt::format("To: {}\r\n", mail.to);
    message += fmt::format("Message-ID: <{}@{}>\r\n", stamp.unique, domain);
    message += subject_header(mail);
    message += "Auto-Submitted: auto-generated\r\n";  // No automatic replies: RFC 3834 section 5.
    message += "MIME-Version: 1.0\r\n";
    return message + bodies(mail, stamp);
}

}  // namespace dunlin::outbound
