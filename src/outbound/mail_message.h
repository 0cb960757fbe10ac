#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace dunlin::outbound {

/// A message to one person. At least one of `text` and `html` is not empty.
struct Mail {
    std::string from;         // address
    std::string from_name{};  // UTF-8, may be empty
    std::string to;           // address
    std::string subject;      // UTF-8
    std::string text{};       // UTF-8
    std::string html{};       // UTF-8
};

/// What makes two messages with the same words different.
struct MessageStamp {
    std::int64_t time_s = 0;  // since 1970 UTC
    std::string unique;       // letters and digits that no other message has
};

/// Checks an address (RFC 5321 section 4.1.2) that can stand in a message and in the dialogue with
/// a mail server: `local@domain`, ASCII, no quoted local part, at most 254 bytes. Fails with
/// InvalidInput, also for addresses beyond ASCII (RFC 6531), which are not supported.
Result<void> check_mail_address(std::string_view address);

/// The whole message: RFC 5322, with both bodies as multipart/alternative (RFC 2046 section 5.1.4)
/// in quoted-printable, lines ended by CRLF. Fails with InvalidInput when an address is not one,
/// a header would hold a control character, or text and HTML are empty or together larger than
/// `limits::mail_bytes_max`. Pure.
Result<std::string> build_message(const Mail& mail, const MessageStamp& stamp);

}  // namespace dunlin::outbound
