#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace dunlin::auth {

/// What a message is for.
enum class MailKind : std::uint8_t {
    Confirmation,
    Invite,
    MagicLink,
    Recovery,
    EmailChange,
    Reauthentication,
};

/// "confirmation", "invite", "magic_link", "recovery", "email_change", "reauthentication".
std::string_view mail_kind_name(MailKind kind);

/// What the placeholders stand for; those that a kind does not have stay empty.
struct MailValues {
    std::string site_url{};
    std::string confirmation_url{};
    std::string token{};       // the one-time code
    std::string token_hash{};  // for links that the application builds itself
    std::string redirect_to{};
    std::string email{};
    std::string new_email{};     // of EmailChange
    std::string sending_to{};    // of EmailChange: which of the two this goes to
    boost::json::object data{};  // the user's metadata, `{{ .Data.name }}`
};

/// How values are written into the text.
enum class Escaping : std::uint8_t {
    None,     // text/plain
    Html,     // text/html, also in quoted attributes
    OneLine,  // a header: line breaks and other control characters become spaces
};

/// A text with placeholders `{{ .Name }}`, as GoTrue's templates have them. Immutable.
class MailTemplate {
public:
    /// Fails with InvalidInput at `FILE:LINE` for a placeholder that is unknown, that this kind of
    /// message has no value for, or that is any other of Go's template actions. Pure.
    static Result<MailTemplate> parse(MailKind kind, std::string_view file, std::string_view text);

    /// What `.Data` does not have is empty; what is not text there is written as JSON.
    std::string render(const MailValues& values, Escaping escaping) const;

private:
    struct Piece {
        std::string text;               // before the placeholder
        std::vector<std::string> path;  // "Email", or "Data" and its keys; empty at the end
    };

    std::vector<Piece> pieces_;
};

}  // namespace dunlin::auth
