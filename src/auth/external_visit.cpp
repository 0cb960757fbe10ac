#include "auth/external_visit.h"

#include <fmt/format.h>

#include "auth/digest.h"
#include "auth/error.h"
#include "auth/one_time.h"
#include "auth/pkce.h"
#include "auth/user.h"

namespace dunlin::auth {

namespace {

constexpr std::string_view table = "auth.flow_state";
constexpr std::int64_t us_per_s = 1'000'000;
constexpr std::size_t cookie_digits = 16;

Error bad_state(std::string message) {
    return refused(ErrorCode::InvalidInput, "bad_oauth_state", std::move(message));
}

Error other_browser(const Context& context) {
    return bad_state(
        fmt::format("This sign-in was begun in another browser, or at another address than {}",
                    context.settings.url));
}

Visit visit_of(const Row& row) {
    return {.flow_id = text_of(row[0]),
            .provider = text_of(row[1]),
            .pkce = {.challenge = text_of(row[2]), .method = text_of(row[3])},
            .redirect_to = text_of(row[4]),
            .link_session = text_of(row[5]),
            .force = row[6].integer() != 0,
            .browser = row[7].integer() != 0 ? SameBrowser::Required : SameBrowser::NotRequired};
}

/// A flow with PKCE stays until its code is used.
Result<void> use_up(data::OwnerSession& session, const Visit& visit) {
    auto used = visit.pkce.empty() ? session.remove(table, "id = ?1", {Value(visit.flow_id)})
                                   : session.update(table, {{"provider_state", Value()}}, "id = ?1",
                                                    {Value(visit.flow_id)});
    if (!used) return std::unexpected(used.error());
    return {};
}

}  // namespace

VisitSecrets visit_secrets(std::string_view secret, std::string_view state) {
    return {.nonce = token_hash(secret, "visit: nonce", state),
            .code_verifier = token_hash(secret, "visit: code verifier", state),
            .cookie = token_hash(secret, "visit: browser", state)};
}

std::string visit_cookie_name(std::string_view state) {
    return "dunlin_visit_" + to_hex(sha256(state)).substr(0, cookie_digits);
}

Result<void> begin_visit(data::OwnerSession& session, const Visit& visit, std::string_view state,
                         std::int64_t now_us) {
    std::string_view method;
    if (!visit.pkce.empty()) {
        const auto checked = check_pkce_challenge(visit.pkce.method, visit.pkce.challenge);
        if (!checked) return std::unexpected(checked.error());
        method = pkce_method_name(*checked);
    }
    return session.insert(table,
                          {{"id", Value(new_id())},
                           {"code_challenge_method", text_value(method)},
                           {"code_challenge", text_value(visit.pkce.challenge)},
                           {"provider_type", Value(visit.provider)},
                           {"provider_state", Value(to_hex(sha256(state)))},
                           {"link_session_id", text_value(visit.link_session)},
                           {"force", Value::boolean(visit.force)},
                           {"same_browser", Value::boolean(visit.browser == SameBrowser::Required)},
                           {"redirect_to", Value(visit.redirect_to)},
                           {"authentication_method", Value("oauth")},
                           {"created_at", Value(now_us)}});
}

Result<Visit> take_visit(data::OwnerSession& session, const Context& context,
                         std::string_view state, std::string_view cookie) {
    auto rows = session.run(
        fmt::format("select id, provider_type, code_challenge, code_challenge_method, redirect_to, "
                    "link_session_id, force, same_browser, created_at from \"{}\" where "
                    "provider_state = ?1",
                    table),
        {Value(to_hex(sha256(state)))});
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty()) {
        return std::unexpected(bad_state("OAuth state is unknown, or was used already"));
    }
    const Row& row = rows->front();
    if (context.clock.now_us() - instant_of(row[8]).value_or(0) > visit_s * us_per_s) {
        return std::unexpected(refused(ErrorCode::Unprocessable, "flow_state_expired",
                                       "OAuth state has expired: please sign in again"));
    }
    Visit visit = visit_of(row);
    if (visit.browser == SameBrowser::Required &&
        !equal_in_constant_time(cookie, visit_secrets(context.secret, state).cookie)) {
        return std::unexpected(other_browser(context));
    }
    auto used = use_up(session, visit);
    if (!used) return std::unexpected(used.error());
    return visit;
}

}  // namespace dunlin::auth
