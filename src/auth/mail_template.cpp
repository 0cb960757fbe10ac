#include "auth/mail_template.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <optional>

#include "auth/html_text.h"
#include "core/nearest_name.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::string_view opening = "{{";
constexpr std::string_view closing = "}}";

/// Which kinds of message have a value.
enum class Presence : std::uint8_t { Always, WithLink, EmailChange };

struct Placeholder {
    std::string_view name;
    std::string MailValues::* value;  // null: the user's metadata
    Presence presence;
};

constexpr Placeholder placeholders[] = {
    {"ConfirmationURL", &MailValues::confirmation_url, Presence::WithLink},
    {"Data", nullptr, Presence::Always},
    {"Email", &MailValues::email, Presence::Always},
    {"NewEmail", &MailValues::new_email, Presence::EmailChange},
    {"RedirectTo", &MailValues::redirect_to, Presence::WithLink},
    {"SendingTo", &MailValues::sending_to, Presence::EmailChange},
    {"SiteURL", &MailValues::site_url, Presence::Always},
    {"Token", &MailValues::token, Presence::Always},
    {"TokenHash", &MailValues::token_hash, Presence::WithLink},
};

const Placeholder* find_placeholder(std::string_view name) {
    const auto* found = std::ranges::find(placeholders, name, &Placeholder::name);
    return found == std::end(placeholders) ? nullptr : found;
}

bool has(MailKind kind, Presence presence) {
    if (presence == Presence::EmailChange) return kind == MailKind::EmailChange;
    return presence == Presence::Always || kind != MailKind::Reauthentication;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// `.Data.name` as its names; nothing when it is something else.
std::optional<std::vector<std::string>> parse_path(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    std::vector<std::string> path;
    while (text.starts_with('.')) {
        text.remove_prefix(1);
        const auto end = std::ranges::find_if_not(text, is_name_character) - text.begin();
        if (end == 0) return std::nullopt;
        path.emplace_back(text.substr(0, static_cast<std::size_t>(end)));
        text.remove_prefix(static_cast<std::size_t>(end));
    }
    if (!text.empty() || path.empty()) return std::nullopt;
    return path;
}

/// Why the placeholder cannot be used in messages of this kind; "" when it can.
std::string objection(MailKind kind, const std::optional<std::vector<std::string>>& path) {
    if (!path) return "only placeholders like {{ .Email }} and {{ .Data.name }} are supported";
    const Placeholder* found = find_placeholder(path->front());
    if (found == nullptr) {
        std::vector<std::string> names;
        for (const Placeholder& known : placeholders) names.emplace_back(known.name);
        const std::string nearest = nearest_name(path->front(), names);
        return fmt::format("there is no placeholder .{}; {}", path->front(),
                           nearest.empty() ? fmt::format("there are .{}", fmt::join(names, ", ."))
                                           : fmt::format("perhaps you meant .{}", nearest));
    }
    if (!has(kind, found->presence)) {
        return fmt::format("messages of kind {} have no .{}", mail_kind_name(kind), found->name);
    }
    const bool is_data = found->value == nullptr;
    if (is_data == (path->size() == 1)) {
        return is_data ? "name a key of the metadata, as in {{ .Data.name }}"
                       : fmt::format(".{} is a text and has no parts", found->name);
    }
    return "";
}

std::string data_text(const json::object& data, const std::vector<std::string>& path) {
    const json::object* object = &data;
    const json::value* value = nullptr;
    for (std::size_t at = 1; at < path.size(); ++at) {
        value = object == nullptr ? nullptr : object->if_contains(path[at]);
        object = value == nullptr ? nullptr : value->if_object();
    }
    if (value == nullptr || value->is_null()) return "";
    return value->is_string() ? std::string(value->as_string()) : json::serialize(*value);
}

std::string escape(std::string text, Escaping escaping) {
    if (escaping == Escaping::Html) return escape_html(text);
    if (escaping == Escaping::OneLine) {
        std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    }
    return text;
}

}  // namespace

std::string_view mail_kind_name(MailKind kind) {
    switch (kind) {
        case MailKind::Confirmation:
            return "confirmation";
        case MailKind::Invite:
            return "invite";
        case MailKind::MagicLink:
            return "magic_link";
        case MailKind::Recovery:
            return "recovery";
        case MailKind::EmailChange:
            return "email_change";
        case MailKind::Reauthentication:
            return "reauthentication";
    }
    return "";
}

Result<MailTemplate> MailTemplate::parse(MailKind kind, std::string_view file,
                                         std::string_view text) {
    MailTemplate parsed;
    for (std::size_t at = 0;;) {
        const auto open = text.find(opening, at);
        Piece piece{.text = std::string(text.substr(at, open - at))};
        if (open == text.npos) {
            parsed.pieces_.push_back(std::move(piece));
            return parsed;
        }
        const auto refuse = [&](std::string_view why) {
            const auto line = std::ranges::count(text.substr(0, open), '\n') + 1;
            return std::unexpected(
                Error{ErrorCode::InvalidInput, fmt::format("{}:{}: {}", file, line, why)});
        };
        const auto close = text.find(closing, open);
        if (close == text.npos) return refuse("{{ is not closed by }}");
        const auto path = parse_path(text.substr(open + 2, close - open - 2));
        const std::string why = objection(kind, path);
        if (!why.empty()) return refuse(why);
        piece.path = *path;
        parsed.pieces_.push_back(std::move(piece));
        at = close + closing.size();
    }
}

std::string MailTemplate::render(const MailValues& values, Escaping escaping) const {
    std::string out;
    for (const Piece& piece : pieces_) {
        out += piece.text;
        if (piece.path.empty()) continue;
        const Placeholder* placeholder = find_placeholder(piece.path.front());
        out += escape(placeholder->value == nullptr ? data_text(values.data, piece.path)
                                                    : values.*placeholder->value,
                      escaping);
    }
    return out;
}

}  // namespace dunlin::auth
