#include "auth/verification.h"

#include <fmt/format.h>

#include <optional>

#include "auth/attempts.h"
#include "auth/audit_log.h"
#include "auth/credentials.h"
#include "auth/error.h"
#include "auth/proof.h"
#include "auth/redirect_answer.h"
#include "auth/redirects.h"

namespace dunlin::auth {

namespace json = boost::json;

namespace {

constexpr std::string_view other_address =
    "Confirmation link accepted. Please proceed to confirm link sent to the other email";

/// The address in the form in which it is stored; "" for a link's token.
Result<std::string> address_of(const CodeProof& proof) {
    if (kinds_of_type(proof.type).empty()) {
        return std::unexpected(validation_failed(proof.type.empty()
                                                     ? "Verify requires a verification type"
                                                     : "Unsupported verification type"));
    }
    if (!proof.token_hash.empty()) {
        const bool alone = proof.email.empty() && proof.phone.empty() && proof.code.empty();
        if (alone) return std::string();
        return std::unexpected(
            validation_failed("Only the token_hash and type should be provided"));
    }
    if (proof.code.empty()) {
        return std::unexpected(validation_failed("Verify requires a token or a token hash"));
    }
    if (proof.email.empty() == proof.phone.empty()) {
        return std::unexpected(validation_failed(
            "Only an email address or phone number should be provided on verify"));
    }
    const bool by_text = proof.type == "sms" || proof.type == "phone_change";
    if (by_text == proof.phone.empty()) {
        return std::unexpected(
            validation_failed(fmt::format("a verification of type {} takes {}", proof.type,
                                          by_text ? "a phone number" : "an email address")));
    }
    return by_text ? normal_phone(proof.phone) : normal_email(proof.email);
}

/// Uses a token up. Nothing when none was found: that is written down, and has cost an attempt, so
/// it must not undo the transaction.
Result<std::optional<ProofOutcome>> settle(data::OwnerSession& session, const Context& context,
                                           const Result<std::optional<OneTimeToken>>& token,
                                           Shown shown, const std::string& account,
                                           const Visitor& visitor) {
    if (!token) return std::unexpected(token.error());
    if (*token) {
        auto outcome = accept_proof(session, context, **token, shown, visitor);
        if (!outcome) return std::unexpected(outcome.error());
        auto forgiven = account.empty() ? Result<void>() : forgive_account(session, account);
        if (!forgiven) return std::unexpected(forgiven.error());
        return std::move(*outcome);
    }
    auto noted = audit(
        session,
        {.action = "code_refused", .address = visitor.address, .payload = {{"account", account}}},
        context.clock.now_us());
    if (!noted) return std::unexpected(noted.error());
    return std::nullopt;
}

asio::awaitable<Result<ProofOutcome>> use_link(const Context& context, std::string type,
                                               std::string link, Shown shown, Visitor visitor) {
    auto counted = co_await count_attempt(context, visitor, "");
    if (!counted) co_return std::unexpected(counted.error());
    std::optional<ProofOutcome> outcome;
    auto done = co_await context.owner.write({}, [&](data::OwnerSession& session) -> Result<void> {
        const auto token = find_by_link(session, context, kinds_of_type(type), link);
        auto settled = settle(session, context, token, shown, "", visitor);
        if (!settled) return std::unexpected(settled.error());
        outcome = std::move(*settled);
        return {};
    });
    if (!done) co_return std::unexpected(done.error());
    if (!outcome) co_return std::unexpected(otp_expired());
    co_return std::move(*outcome);
}

asio::awaitable<Result<ProofOutcome>> use_code(const Context& context, CodeProof proof,
                                               std::string address, Visitor visitor) {
    const std::string account = (proof.phone.empty() ? "email:" : "phone:") + address;
    auto counted = co_await count_attempt(context, visitor, account);
    if (!counted) co_return std::unexpected(counted.error());
    std::optional<ProofOutcome> outcome;
    auto done = co_await context.owner.write({}, [&](data::OwnerSession& session) -> Result<void> {
        const auto token =
            find_by_code(session, context, kinds_of_type(proof.type), address, "", proof.code);
        auto settled = settle(session, context, token, Shown::AsCode, account, visitor);
        if (!settled) return std::unexpected(settled.error());
        outcome = std::move(*settled);
        return {};
    });
    if (!done) co_return std::unexpected(done.error());
    if (!outcome) co_return std::unexpected(otp_expired());
    co_return std::move(*outcome);
}

/// What was wrong with the link, as its reader understands it.
QueryParameters link_error_parameters(Error error) {
    if (error.sqlstate == "otp_expired") error.message = "Email link is invalid or has expired";
    return error_parameters(error);
}

}  // namespace

asio::awaitable<Result<json::object>> verify_code(const Context& context, CodeProof proof,
                                                  Visitor visitor) {
    auto address = address_of(proof);
    if (!address) co_return std::unexpected(address.error());
    auto outcome = address->empty() ? co_await use_link(context, proof.type, proof.token_hash,
                                                        Shown::AsCode, visitor)
                                    : co_await use_code(context, proof, *address, visitor);
    if (!outcome) co_return std::unexpected(outcome.error());
    if (outcome->waits_for_other) co_return json::object{{"msg", other_address}, {"code", 200}};
    co_return grant_json(context, *outcome->grant);
}

asio::awaitable<std::string> open_link(const Context& context, LinkProof proof, Visitor visitor) {
    const std::string target = redirect_target(context.settings, proof.redirect_to);
    // With PKCE the application looks at the query, else at the fragment.
    const bool pkce = proof.token.starts_with("pkce_");
    auto outcome =
        co_await use_link(context, proof.type, proof.token, Shown::AsLink, std::move(visitor));
    if (!outcome) {
        const auto parameters = link_error_parameters(outcome.error());
        co_return with_fragment(pkce ? with_query(target, parameters) : target, parameters);
    }
    if (outcome->waits_for_other) {
        co_return with_fragment(target, {{"message", std::string(other_address)}});
    }
    if (!outcome->auth_code.empty()) co_return with_query(target, {{"code", outcome->auth_code}});
    QueryParameters parameters = session_parameters(context, *outcome->grant);
    parameters.emplace_back("type", proof.type);
    co_return with_fragment(target, parameters);
}

}  // namespace dunlin::auth
