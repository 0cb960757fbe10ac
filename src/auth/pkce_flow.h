#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/context.h"
#include "auth/visitor.h"
#include "core/result.h"
#include "data/owner.h"

/// Sign-in that ends in a code for whoever began it (RFC 7636): rows of auth.flow_state.
namespace dunlin::auth {

namespace asio = boost::asio;

/// How long somebody may take to sign in at another provider.
constexpr std::int64_t visit_s = 600;

/// What a client that uses PKCE begins a flow with; empty for one that does not.
struct PkceChallenge {
    std::string challenge{};
    std::string method{};

    bool empty() const { return challenge.empty() && method.empty(); }
};

/// Fails with validation_failed as check_pkce_challenge(); an empty one is fine.
Result<void> check_challenge(const PkceChallenge& pkce);

/// Begins a flow of the account in the caller's transaction; gives its id, "" for an empty
/// challenge. `method` is what the session will say it was made by ("magiclink").
Result<std::string> begin_flow(data::OwnerSession& session, const PkceChallenge& pkce,
                               std::string_view user_id, std::string_view method,
                               std::int64_t now_us);

/// The code that ends the flow of this id, for the account: good for five minutes, once. What is
/// stored is its hash. Fails with 404 flow_state_not_found when the flow has been removed.
Result<std::string> issue_auth_code(data::OwnerSession& session, std::string_view flow_id,
                                    std::string_view user_id, std::int64_t now_us);

/// A session for the code and the verifier of its challenge. Fails with 404 flow_state_not_found,
/// 422 flow_state_expired, 400 bad_code_verifier, and as sign_in().
asio::awaitable<Result<boost::json::object>> exchange_auth_code(const Context& context,
                                                                std::string code,
                                                                std::string verifier,
                                                                Visitor visitor);

/// Removes flows that nothing can end any more. Call now and then.
Result<void> prune_flows(data::OwnerSession& session, const Context& context);

}  // namespace dunlin::auth
