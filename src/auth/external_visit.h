#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/context.h"
#include "auth/pkce_flow.h"
#include "core/result.h"
#include "data/owner.h"

/// Visits to other providers: a browser is sent away with a state and comes back with it. Rows of
/// auth.flow_state.
namespace dunlin::auth {

/// What binds an answer to its question. All of it follows from the state, which only the browser
/// has, and the project's secret: nothing but a hash of the state is stored.
struct VisitSecrets {
    std::string nonce;          // comes back in the ID token
    std::string code_verifier;  // of the server's own PKCE with the provider
    std::string cookie;         // what the browser shows when it comes back
};
VisitSecrets visit_secrets(std::string_view secret, std::string_view state);

/// One for each visit: several may be under way in a browser.
std::string visit_cookie_name(std::string_view state);

/// Whether it must be the same browser that comes back. Not asked where PKCE proves as much, and
/// where a program asked for the URL.
enum class SameBrowser : std::uint8_t { Required, NotRequired };

struct Visit {
    std::string flow_id{};  // given by begin_visit()
    std::string provider;
    PkceChallenge pkce{};        // of the application
    std::string redirect_to{};   // checked
    std::string link_session{};  // the session whose account gets one more identity; "" to sign in
    bool force = false;          // signs other devices out
    SameBrowser browser = SameBrowser::NotRequired;
};

/// Fails with validation_failed as check_pkce_challenge().
Result<void> begin_visit(data::OwnerSession& session, const Visit& visit, std::string_view state,
                         std::int64_t now_us);

/// The visit of `state`, which is used up. `cookie` is what the browser shows, "" if nothing.
/// Fails with bad_oauth_state when there is no such visit or the browser is another one (it is not
/// used up then), with flow_state_expired after `visit_s`.
Result<Visit> take_visit(data::OwnerSession& session, const Context& context,
                         std::string_view state, std::string_view cookie);

}  // namespace dunlin::auth
