#pragma once

#include <array>
#include <filesystem>
#include <string>

#include "auth/mail_template.h"
#include "core/result.h"

namespace dunlin::auth {

struct MailContent {
    std::string subject;
    std::string text;
    std::string html;
};

/// The words of every message of sign-in: the server's own, or the project's. Immutable,
/// thread-safe.
class MailTemplates {
public:
    /// The server's own.
    MailTemplates();

    /// As above, where `folder` (which need not exist) has no `KIND.html`, `KIND.txt` or
    /// `KIND.subject.txt`. Fails with InvalidInput at `FILE:LINE` as MailTemplate::parse(), for a
    /// subject of several lines, and for a file of another name; with Unavailable when a file
    /// cannot be read. A file has at most `limits::mail_bytes_max` bytes.
    static Result<MailTemplates> load(const std::filesystem::path& folder);

    MailContent render(MailKind kind, const MailValues& values) const;

private:
    struct Templates {
        MailTemplate subject;
        MailTemplate text;
        MailTemplate html;
    };

    static constexpr std::size_t kinds = 6;
    Result<void> replace(const std::filesystem::path& file);
    Templates& of(MailKind kind) { return templates_.at(static_cast<std::size_t>(kind)); }

    std::array<Templates, kinds> templates_;  // by MailKind
};

}  // namespace dunlin::auth
