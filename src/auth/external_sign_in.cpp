#include "auth/external_sign_in.h"

#include <fmt/format.h>

#include <algorithm>

#include "auth/attempts.h"
#include "auth/base64url.h"
#include "auth/caller.h"
#include "auth/digest.h"
#include "auth/error.h"
#include "auth/grant.h"
#include "auth/one_time.h"
#include "auth/redirect_answer.h"
#include "auth/redirects.h"
#include "io/log.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::size_t quoted_bytes_max = 200;

std::string callback_url(const Settings& settings) {
    return settings.url + "/auth/v1/callback";
}

/// Somebody else's words: printable and short.
std::string quoted(std::string text) {
    std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c >= 0x7f; }, ' ');
    if (text.size() > quoted_bytes_max) text.resize(quoted_bytes_max);
    return text;
}

/// A provider's failure as the application sees it. The reason is for the operator.
Error failure_of(const std::string& provider, const Error& error) {
    log::warn("sign-in with a provider failed",
              {{"provider", provider}, {"error", error.message}, {"reason", error.hint}});
    if (error.sqlstate.contains('_') && error.code != ErrorCode::Unavailable) return error;
    if (error.code == ErrorCode::InvalidInput) return validation_failed(error.message);
    return refused(ErrorCode::Unavailable, "provider_unavailable",
                   fmt::format("{} cannot be asked at the moment", provider));
}

/// What the provider says instead of giving a code.
Error refused_by(const Visit& visit, const ExternalReturn& back) {
    std::string said = back.error;
    if (!back.error_description.empty()) said += ": " + back.error_description;
    return refused(ErrorCode::Forbidden, "bad_oauth_callback",
                   fmt::format("{} refused the sign-in: {}", visit.provider, quoted(said)));
}

Result<Grant> link(data::OwnerSession& session, const Context& context,
                   const std::string& session_id, const ExternalPerson& person,
                   const Visitor& visitor) {
    auto current = find_session(session, session_id);
    if (!current) return std::unexpected(current.error());
    if (!*current || is_over(context.settings, **current, context.clock.now_us())) {
        return std::unexpected(session_not_found(ErrorCode::Forbidden));
    }
    auto user = require_user(session, (*current)->user_id);
    if (!user) return std::unexpected(user.error());
    auto linked = link_identity(session, context, std::move(*user), person, visitor);
    if (!linked) return std::unexpected(linked.error());
    return continue_session(session, std::move(**current));
}

/// `link_session` is "" to sign in.
Result<Grant> grant_for(data::OwnerSession& session, const Context& context,
                        const std::string& link_session, const ExternalPerson& person,
                        const Visitor& visitor) {
    if (!link_session.empty()) return link(session, context, link_session, person, visitor);
    auto user = find_or_make_account(session, context, person, visitor);
    if (!user) return std::unexpected(user.error());
    return sign_in(session, context, std::move(*user), visitor, "oauth");
}

/// The code that the application exchanges for the session.
Result<std::string> code_for(data::OwnerSession& session, const Context& context,
                             const Visit& visit, const ExternalPerson& person,
                             const Visitor& visitor) {
    std::string user_id;
    if (visit.link_session.empty()) {
        auto user = find_or_make_account(session, context, person, visitor);
        if (!user) return std::unexpected(user.error());
        user_id = user->id;
    } else {
        auto linked = link(session, context, visit.link_session, person, visitor);
        if (!linked) return std::unexpected(linked.error());
        user_id = linked->user.id;
    }
    return issue_auth_code(session, visit.flow_id, user_id, context.clock.now_us());
}

/// What the application gets. One of them.
struct Outcome {
    std::optional<Grant> grant{};
    std::string code{};
};

Result<Outcome> settle(data::OwnerSession& session, const Context& context, const Visit& visit,
                       const ExternalPerson& person, const Visitor& visitor) {
    if (!visit.pkce.empty()) {
        auto code = code_for(session, context, visit, person, visitor);
        if (!code) return std::unexpected(code.error());
        return Outcome{.code = std::move(*code)};
    }
    auto grant = grant_for(session, context, visit.link_session, person, visitor);
    if (!grant) return std::unexpected(grant.error());
    return Outcome{.grant = std::move(*grant)};
}

}  // namespace

Result<Provider*> ExternalSignIn::find(std::string_view name) const {
    if (name.empty()) return std::unexpected(validation_failed("provider is missing"));
    Provider* found = providers_.find(name);
    if (found != nullptr) return found;
    return std::unexpected(validation_failed("Unsupported provider: provider is not enabled"));
}

ExternalPerson ExternalSignIn::person(std::string provider, ProviderProfile profile) const {
    const auto& known = context_.settings.external;
    const auto found = known.find(provider);
    return {.provider = std::move(provider),
            .profile = std::move(profile),
            .email_optional = found != known.end() && found->second.email_optional};
}

asio::awaitable<Result<Departure>> ExternalSignIn::begin(ExternalRequest request, Visitor visitor) {
    if (!request.redirects && request.pkce.empty()) {
        co_return std::unexpected(validation_failed(
            "skip_http_redirect needs a code_challenge (PKCE): the URL may be opened by anybody"));
    }
    co_return co_await depart(std::move(request), "", std::move(visitor));
}

asio::awaitable<Result<Departure>> ExternalSignIn::begin_link(ExternalRequest request,
                                                              Identity identity, Visitor visitor) {
    auto session_id = co_await linking_session(std::move(identity));
    if (!session_id) co_return std::unexpected(session_id.error());
    co_return co_await depart(std::move(request), std::move(*session_id), std::move(visitor));
}

asio::awaitable<Result<std::string>> ExternalSignIn::linking_session(Identity identity) {
    if (!context_.settings.manual_linking) {
        co_return std::unexpected(
            refused(ErrorCode::NotFound, "manual_linking_disabled", "Manual linking is disabled"));
    }
    std::string session_id;
    auto done = co_await context_.owner.read([&](data::OwnerSession& session) -> Result<void> {
        auto caller = require_caller(session, identity, context_.clock.now_us());
        if (!caller) return std::unexpected(caller.error());
        session_id = caller->session_id();
        return {};
    });
    if (!done) co_return std::unexpected(done.error());
    if (session_id.empty()) co_return std::unexpected(session_not_found(ErrorCode::Forbidden));
    co_return session_id;
}

asio::awaitable<Result<Departure>> ExternalSignIn::depart(ExternalRequest request,
                                                          std::string link_session,
                                                          Visitor visitor) {
    auto provider = find(request.provider);
    if (!provider) co_return std::unexpected(provider.error());
    const auto challenge = check_challenge(request.pkce);
    if (!challenge) co_return std::unexpected(challenge.error());
    auto counted = co_await count_attempt(context_, visitor, "");
    if (!counted) co_return std::unexpected(counted.error());
    const std::string state = random_token();
    VisitSecrets secrets = visit_secrets(context_.secret, state);
    Departure departure{
        .url = {}, .cookie_name = visit_cookie_name(state), .cookie = std::move(secrets.cookie)};
    if (request.pkce.empty() && request.redirects) departure.browser = SameBrowser::Required;
    auto url = co_await (*provider)->authorize_url(
        {.state = state,
         .redirect_uri = callback_url(context_.settings),
         .code_challenge = encode_base64url(sha256(secrets.code_verifier)),
         .nonce = secrets.nonce,
         .scopes = std::move(request.scopes),
         .extra_query = std::move(request.extra_query)});
    if (!url) co_return std::unexpected(failure_of(request.provider, url.error()));
    departure.url = std::move(*url);
    const Visit visit{.provider = request.provider,
                      .pkce = std::move(request.pkce),
                      .redirect_to = redirect_target(context_.settings, request.redirect_to),
                      .link_session = std::move(link_session),
                      .force = request.force,
                      .browser = departure.browser};
    auto begun = co_await context_.owner.write({}, [&](data::OwnerSession& session) {
        return begin_visit(session, visit, state, context_.clock.now_us());
    });
    if (!begun) co_return std::unexpected(begun.error());
    co_return departure;
}

asio::awaitable<Result<ExternalPerson>> ExternalSignIn::ask_provider(Visit visit,
                                                                     ExternalReturn back) {
    if (!back.error.empty()) co_return std::unexpected(refused_by(visit, back));
    auto provider = find(visit.provider);
    if (!provider) co_return std::unexpected(provider.error());
    if (back.code.empty()) {
        co_return std::unexpected(
            refused(ErrorCode::InvalidInput, "bad_oauth_callback", "OAuth code is missing"));
    }
    const VisitSecrets secrets = visit_secrets(context_.secret, back.state);
    auto tokens = co_await (*provider)->exchange({.code = back.code,
                                                  .code_verifier = secrets.code_verifier,
                                                  .redirect_uri = callback_url(context_.settings),
                                                  .issuer = back.issuer});
    if (!tokens) co_return std::unexpected(failure_of(visit.provider, tokens.error()));
    auto profile = co_await (*provider)->identify(std::move(*tokens), secrets.nonce);
    if (!profile) co_return std::unexpected(failure_of(visit.provider, profile.error()));
    // Nothing else of what only Apple posts is ever believed, and nothing of other providers.
    if (visit.provider == "apple") add_apple_name(*profile, back.apple_user);
    co_return person(visit.provider, std::move(*profile));
}

asio::awaitable<Result<QueryParameters>> ExternalSignIn::arrive(Visit visit, ExternalReturn back,
                                                                Visitor visitor) {
    auto somebody = co_await ask_provider(visit, std::move(back));
    if (!somebody) co_return std::unexpected(somebody.error());
    Outcome outcome;
    auto done = co_await context_.owner.write({}, [&](data::OwnerSession& session) -> Result<void> {
        auto settled = settle(session, context_, visit, *somebody, visitor);
        if (!settled) return std::unexpected(settled.error());
        outcome = std::move(*settled);
        return {};
    });
    if (done && outcome.grant) co_return session_parameters(context_, *outcome.grant);
    if (done) co_return QueryParameters{{"code", std::move(outcome.code)}};
    auto noted = co_await note_failure(
        context_, visitor, "", fmt::format("{}:{}", visit.provider, somebody->profile.subject));
    co_return std::unexpected(noted ? done.error() : noted.error());
}

asio::awaitable<std::string> ExternalSignIn::finish(ExternalReturn back, Visitor visitor) {
    Visit visit{.redirect_to = context_.settings.site_url};
    auto taken =
        co_await context_.owner.write({}, [&](data::OwnerSession& session) -> Result<void> {
            auto found = take_visit(session, context_, back.state, back.cookie);
            if (!found) return std::unexpected(found.error());
            visit = std::move(*found);
            return {};
        });
    visitor.force = visitor.force || visit.force;
    const Result<QueryParameters> parameters =
        taken ? co_await arrive(visit, std::move(back), std::move(visitor))
              : Result<QueryParameters>(std::unexpected(taken.error()));
    if (!parameters) {
        // Applications look in either place, by how they began.
        const QueryParameters refusal = error_parameters(parameters.error());
        co_return with_fragment(with_query(visit.redirect_to, refusal), refusal);
    }
    co_return visit.pkce.empty() ? with_fragment(visit.redirect_to, *parameters)
                                 : with_query(visit.redirect_to, *parameters);
}

asio::awaitable<Result<json::object>> ExternalSignIn::sign_in_with_id_token(IdTokenGrant grant,
                                                                            Visitor visitor) {
    if (grant.token.id_token.empty()) {
        co_return std::unexpected(validation_failed("id_token is missing"));
    }
    auto provider = find(grant.provider);
    if (!provider) co_return std::unexpected(provider.error());
    std::string link_session;
    if (grant.link_to) {
        auto found = co_await linking_session(std::move(*grant.link_to));
        if (!found) co_return std::unexpected(found.error());
        link_session = std::move(*found);
    }
    auto counted = co_await count_attempt(context_, visitor, "");
    if (!counted) co_return std::unexpected(counted.error());
    auto profile = co_await (*provider)->verify_id_token(std::move(grant.token));
    if (!profile) co_return std::unexpected(failure_of(grant.provider, profile.error()));
    const ExternalPerson somebody = person(grant.provider, std::move(*profile));
    std::optional<Grant> granted;
    auto done = co_await context_.owner.write({}, [&](data::OwnerSession& session) -> Result<void> {
        auto made = grant_for(session, context_, link_session, somebody, visitor);
        if (!made) return std::unexpected(made.error());
        granted = std::move(*made);
        return {};
    });
    if (!done) co_return std::unexpected(done.error());
    co_return grant_json(context_, *granted);
}

}  // namespace dunlin::auth
