#include "auth/pkce_flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "auth/attempts.h"
#include "auth/digest.h"
#include "auth/error.h"
#include "auth/grant.h"
#include "auth/one_time.h"
#include "auth/pkce.h"
#include "auth/user.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::string_view table = "auth.flow_state";
constexpr std::int64_t us_per_s = 1'000'000;
constexpr std::int64_t code_s = 300;

Error flow_not_found() {
    return refused(ErrorCode::NotFound, "flow_state_not_found",
                   "invalid flow state, no valid flow state found");
}

Error flow_expired() {
    return refused(ErrorCode::Unprocessable, "flow_state_expired",
                   "invalid flow state, flow state has expired");
}

/// Ends a flow. A wrong verifier leaves it as it is, so that who has only seen the code cannot end
/// the sign-in of who began it.
Result<Grant> end_flow(data::OwnerSession& session, const Context& context, const std::string& code,
                       const std::string& verifier, const Visitor& visitor) {
    auto rows =
        session.run(fmt::format("select id, user_id, code_challenge_method, code_challenge, "
                                "authentication_method, auth_code_issued_at, force, "
                                "link_session_id from \"{}\" where auth_code = ?1",
                                table),
                    {Value(to_hex(sha256(code)))});
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty()) return std::unexpected(flow_not_found());
    const Row& row = rows->front();
    const std::int64_t issued_at = instant_of(row[5]).value_or(0);
    if (context.clock.now_us() - issued_at > code_s * us_per_s) {
        return std::unexpected(flow_expired());
    }
    const PkceMethod method = text_of(row[2]) == "plain" ? PkceMethod::Plain : PkceMethod::S256;
    auto proved = verify_pkce(method, text_of(row[3]), verifier);
    if (!proved) return std::unexpected(proved.error());
    auto removed = session.remove(table, "id = ?1", {row[0]});
    if (!removed) return std::unexpected(removed.error());
    if (const std::string linked = text_of(row[7]); !linked.empty()) {
        auto current = find_session(session, linked);
        if (!current) return std::unexpected(current.error());
        if (!*current) return std::unexpected(session_not_found(ErrorCode::Forbidden));
        return continue_session(session, std::move(**current));
    }
    auto user = require_user(session, text_of(row[1]));
    if (!user) return std::unexpected(user.error());
    Visitor signed_in = visitor;
    signed_in.force = visitor.force || row[6].integer() != 0;
    return sign_in(session, context, std::move(*user), signed_in, text_of(row[4]));
}

}  // namespace

Result<void> check_challenge(const PkceChallenge& pkce) {
    if (pkce.empty()) return {};
    const auto method = check_pkce_challenge(pkce.method, pkce.challenge);
    if (!method) return std::unexpected(method.error());
    return {};
}

Result<std::string> begin_flow(data::OwnerSession& session, const PkceChallenge& pkce,
                               std::string_view user_id, std::string_view method,
                               std::int64_t now_us) {
    if (pkce.empty()) return std::string();
    const auto hashed = check_pkce_challenge(pkce.method, pkce.challenge);
    if (!hashed) return std::unexpected(hashed.error());
    std::string id = new_id();
    auto made = session.insert(table, {{"id", Value(id)},
                                       {"user_id", Value(user_id)},
                                       {"code_challenge_method", Value(pkce_method_name(*hashed))},
                                       {"code_challenge", Value(pkce.challenge)},
                                       {"provider_type", Value("email")},
                                       {"authentication_method", Value(method)},
                                       {"redirect_to", Value("")},
                                       {"created_at", Value(now_us)}});
    if (!made) return std::unexpected(made.error());
    return id;
}

Result<std::string> issue_auth_code(data::OwnerSession& session, std::string_view flow_id,
                                    std::string_view user_id, std::int64_t now_us) {
    std::string code = random_token();
    auto kept = session.update(table,
                               {{"user_id", Value(user_id)},
                                {"auth_code", Value(to_hex(sha256(code)))},
                                {"auth_code_issued_at", Value(now_us)}},
                               "id = ?1", {Value(flow_id)});
    if (!kept) return std::unexpected(kept.error());
    if (*kept == 0) return std::unexpected(flow_not_found());
    return code;
}

asio::awaitable<Result<json::object>> exchange_auth_code(const Context& context, std::string code,
                                                         std::string verifier, Visitor visitor) {
    if (code.empty() || verifier.empty()) {
        co_return std::unexpected(
            validation_failed("invalid request: both auth code and code verifier should be "
                              "non-empty"));
    }
    auto counted = co_await count_attempt(context, visitor, "");
    if (!counted) co_return std::unexpected(counted.error());
    std::optional<Grant> grant;
    auto done = co_await context.owner.write({}, [&](data::OwnerSession& session) -> Result<void> {
        auto ended = end_flow(session, context, code, verifier, visitor);
        if (!ended) return std::unexpected(ended.error());
        grant = std::move(*ended);
        return {};
    });
    if (!done) co_return std::unexpected(done.error());
    co_return grant_json(context, *grant);
}

Result<void> prune_flows(data::OwnerSession& session, const Context& context) {
    // A link is opened, or a browser comes back, at the end of its time; then the code has its own.
    const std::int64_t lifetime_s = std::max(context.settings.code_s, visit_s) + code_s;
    auto removed = session.remove(table, "created_at <= ?1",
                                  {Value(context.clock.now_us() - lifetime_s * us_per_s)});
    if (!removed) return std::unexpected(removed.error());
    return {};
}

}  // namespace dunlin::auth
