#include "auth/mail_templates.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#include "core/check.h"
#include "core/limits.h"
#include "core/nearest_name.h"

namespace dunlin::auth {

namespace {

struct Words {
    MailKind kind;
    std::string_view subject;
    std::string_view text;
    std::string_view html;
};

// In the order of MailKind. Each message says what happens, and what to do when it is a mistake.
constexpr Words own_words[] = {
    {MailKind::Confirmation, "Please confirm your email address",
     "Welcome! To finish signing up, open this link:\n\n{{ .ConfirmationURL }}\n\n"
     "Or enter this code: {{ .Token }}\n\n"
     "If you did not sign up at {{ .SiteURL }}, nothing happens without you.\n",
     "<h2>Welcome!</h2>\n"
     "<p><a href=\"{{ .ConfirmationURL }}\">Confirm my email address</a> to finish signing up, or "
     "enter this code: <strong>{{ .Token }}</strong></p>\n"
     "<p>If you did not sign up at {{ .SiteURL }}, nothing happens without you.</p>\n"},
    {MailKind::Invite, "An invitation for you",
     "You are invited to {{ .SiteURL }}. To accept, open this link:\n\n{{ .ConfirmationURL }}\n\n"
     "Or enter this code: {{ .Token }}\n",
     "<h2>An invitation for you</h2>\n"
     "<p>You are invited to {{ .SiteURL }}. <a href=\"{{ .ConfirmationURL }}\">Accept</a>, or "
     "enter "
     "this code: <strong>{{ .Token }}</strong></p>\n"},
    {MailKind::MagicLink, "Sign in with this link",
     "To sign in, open this link:\n\n{{ .ConfirmationURL }}\n\n"
     "Or enter this code: {{ .Token }}\n\n"
     "Both work once and not for long. Do not pass them on.\n",
     "<h2>Sign in</h2>\n"
     "<p><a href=\"{{ .ConfirmationURL }}\">Sign in</a>, or enter this code: "
     "<strong>{{ .Token }}</strong></p>\n"
     "<p>Both work once and not for long. Do not pass them on.</p>\n"},
    {MailKind::Recovery, "Choose a new password",
     "To choose a new password, open this link:\n\n{{ .ConfirmationURL }}\n\n"
     "Or enter this code: {{ .Token }}\n\n"
     "If you did not ask for this, your password stays as it is.\n",
     "<h2>Choose a new password</h2>\n"
     "<p><a href=\"{{ .ConfirmationURL }}\">Choose a new password</a>, or enter this code: "
     "<strong>{{ .Token }}</strong></p>\n"
     "<p>If you did not ask for this, your password stays as it is.</p>\n"},
    {MailKind::EmailChange, "Please confirm the change of your email address",
     "Your email address is to change from {{ .Email }} to {{ .NewEmail }}. To agree, open this "
     "link:\n\n{{ .ConfirmationURL }}\n\n"
     "Or enter this code: {{ .Token }}\n\n"
     "If you did not ask for this, change your password.\n",
     "<h2>A new email address</h2>\n"
     "<p>Your email address is to change from {{ .Email }} to {{ .NewEmail }}. "
     "<a href=\"{{ .ConfirmationURL }}\">I agree</a>, or enter this code: "
     "<strong>{{ .Token }}</strong></p>\n"
     "<p>If you did not ask for this, change your password.</p>\n"},
    {MailKind::Reauthentication, "Your code is {{ .Token }}",
     "Enter this code to prove that it is you: {{ .Token }}\n\n"
     "Nobody else needs it, whoever asks for it.\n",
     "<h2>Is it you?</h2>\n"
     "<p>Enter this code to prove it: <strong>{{ .Token }}</strong></p>\n"
     "<p>Nobody else needs it, whoever asks for it.</p>\n"},
};

MailTemplate own(MailKind kind, std::string_view text) {
    auto parsed = MailTemplate::parse(kind, "", text);
    CHECK(parsed.has_value());
    return std::move(*parsed);
}

enum class Part { Subject, Text, Html };

struct FileName {
    MailKind kind;
    Part part;
    std::string name;
};

std::vector<FileName> file_names() {
    std::vector<FileName> names;
    for (const Words& words : own_words) {
        const auto kind = mail_kind_name(words.kind);
        names.push_back({words.kind, Part::Html, fmt::format("{}.html", kind)});
        names.push_back({words.kind, Part::Subject, fmt::format("{}.subject.txt", kind)});
        names.push_back({words.kind, Part::Text, fmt::format("{}.txt", kind)});
    }
    return names;
}

Error invalid(const std::filesystem::path& file, std::string_view why) {
    return Error{ErrorCode::InvalidInput, fmt::format("{}: {}", file.string(), why)};
}

Error unknown_file(const std::filesystem::path& file, const std::vector<FileName>& known) {
    std::vector<std::string> names;
    for (const FileName& candidate : known) names.push_back(candidate.name);
    const std::string nearest = nearest_name(file.filename().string(), names);
    return invalid(
        file, nearest.empty()
                  ? fmt::format("no message has this name; there are {}", fmt::join(names, ", "))
                  : fmt::format("no message has this name; perhaps you meant {}", nearest));
}

Result<std::string> read_file(const std::filesystem::path& file) {
    std::error_code failure;
    const auto size = std::filesystem::file_size(file, failure);  // Fails for a folder.
    if (!failure && size > limits::mail_bytes_max) {
        return std::unexpected(
            invalid(file, fmt::format("larger than {} bytes", limits::mail_bytes_max)));
    }
    std::string text;
    if (!failure) {
        std::ifstream stream(file, std::ios::binary);
        text.assign(std::istreambuf_iterator<char>(stream), {});
        if (stream) return text;
    }
    return std::unexpected(
        Error{ErrorCode::Unavailable, fmt::format("cannot read {}", file.string())});
}

/// A subject is one line; the line's end that an editor adds is not part of it.
Result<std::string> one_line(const std::filesystem::path& file, std::string text) {
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    if (text.empty()) return std::unexpected(invalid(file, "the subject is empty"));
    if (text.find_first_of("\r\n") != text.npos) {
        return std::unexpected(invalid(file, "a subject is one line"));
    }
    return text;
}

}  // namespace

MailTemplates::MailTemplates() {
    for (const Words& words : own_words) {
        of(words.kind) = {.subject = own(words.kind, words.subject),
                          .text = own(words.kind, words.text),
                          .html = own(words.kind, words.html)};
    }
}

Result<void> MailTemplates::replace(const std::filesystem::path& file) {
    const auto known = file_names();
    const auto found = std::ranges::find(known, file.filename().string(), &FileName::name);
    if (found == known.end()) return std::unexpected(unknown_file(file, known));
    auto text = read_file(file);
    if (text && found->part == Part::Subject) text = one_line(file, std::move(*text));
    if (!text) return std::unexpected(text.error());
    auto parsed = MailTemplate::parse(found->kind, file.string(), *text);
    if (!parsed) return std::unexpected(parsed.error());
    Templates& templates = of(found->kind);
    MailTemplate& part = found->part == Part::Subject ? templates.subject
                         : found->part == Part::Text  ? templates.text
                                                      : templates.html;
    part = std::move(*parsed);
    return {};
}

Result<MailTemplates> MailTemplates::load(const std::filesystem::path& folder) {
    MailTemplates templates;
    std::error_code failure;
    if (!std::filesystem::exists(folder, failure)) return templates;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
        const auto name = entry.path().filename().string();
        if (!name.starts_with('.')) files.push_back(entry.path());
    }
    if (failure) {
        return std::unexpected(
            Error{ErrorCode::Unavailable, fmt::format("cannot read {}", folder.string())});
    }
    std::ranges::sort(files);  // The same error first, whatever the file system's order.
    for (const auto& file : files) {
        const auto replaced = templates.replace(file);
        if (!replaced) return std::unexpected(replaced.error());
    }
    return templates;
}

MailContent MailTemplates::render(MailKind kind, const MailValues& values) const {
    const Templates& templates = templates_.at(static_cast<std::size_t>(kind));
    return {.subject = templates.subject.render(values, Escaping::OneLine),
            .text = templates.text.render(values, Escaping::None),
            .html = templates.html.render(values, Escaping::Html)};
}

}  // namespace dunlin::auth
