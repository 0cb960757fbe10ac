#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/context.h"
#include "core/result.h"
#include "data/owner.h"

/// Codes and links that prove an address: rows of auth.one_time_tokens, one of each kind for an
/// account. Each works once, for Settings::code_s, and dies when a newer one is made.
namespace dunlin::auth {

enum class TokenKind : std::uint8_t {
    Confirmation,
    Recovery,
    EmailChangeNew,
    EmailChangeCurrent,
    PhoneChange,
    Reauthentication,
};
using TokenKinds = std::vector<TokenKind>;

/// What is sent out. The table has the hash of a hash of the code, made with the project's secret:
/// neither can be found from what is stored, nor the link from the code without the secret.
struct SentToken {
    std::string code;  // six digits
    std::string link;  // "pkce_" before it when opening it gives a code for PKCE
};

struct NewToken {
    std::string user_id;
    TokenKind kind;
    std::string address;          // the email address or telephone number it goes to
    std::string flow_state_id{};  // of PKCE
};

struct OneTimeToken {
    std::string id;
    std::string user_id;
    TokenKind kind;
    std::string address;
    std::string flow_state_id{};
};

// Each works inside the caller's transaction.

/// Replaces the account's token of this kind.
Result<SentToken> issue_token(data::OwnerSession& session, const Context& context,
                              const NewToken& token);

/// The token of one of `kinds` that went to `address` (and belongs to `user_id`, unless that is "")
/// and has this code. A wrong code costs each of them one of five attempts, which the transaction
/// has to keep. The token stays until it is removed.
Result<std::optional<OneTimeToken>> find_by_code(data::OwnerSession& session,
                                                 const Context& context, const TokenKinds& kinds,
                                                 std::string_view address, std::string_view user_id,
                                                 std::string_view code);

/// The token that was sent as this link.
Result<std::optional<OneTimeToken>> find_by_link(data::OwnerSession& session,
                                                 const Context& context, const TokenKinds& kinds,
                                                 std::string_view link);

/// Notes that the token was shown, where another one has to be shown as well: it does not work
/// again.
Result<void> mark_shown(data::OwnerSession& session, const Context& context,
                        const OneTimeToken& token);
/// Whether the account's token of this kind was shown, went to `address` and is still good.
Result<bool> was_shown(data::OwnerSession& session, const Context& context,
                       std::string_view user_id, TokenKind kind, std::string_view address);

Result<void> remove_tokens(data::OwnerSession& session, std::string_view user_id,
                           const TokenKinds& kinds);
/// Removes what is too old to work. Call now and then.
Result<void> prune_tokens(data::OwnerSession& session, const Context& context);

}  // namespace dunlin::auth
