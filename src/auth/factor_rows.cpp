#include "auth/factor_rows.h"

#include <algorithm>

#include "auth/error.h"

namespace dunlin::auth {

namespace {

Factor factor_of(const Row& row) {
    return Factor{.id = row[0].text(),
                  .user_id = row[1].text(),
                  .friendly_name = text_of(row[2]),
                  .type = row[3].text(),
                  .status = row[4].text(),
                  .sealed_secret = text_of(row[5]),
                  .last_step = instant_of(row[6]).value_or(0),
                  .created_at = row[7].integer()};
}

Result<void> without_count(Result<std::int64_t> done) {
    if (!done) return std::unexpected(done.error());
    return {};
}

}  // namespace

Result<std::vector<Factor>> find_factors(data::OwnerSession& session, std::string_view user_id) {
    auto rows = session.run(
        "select id, user_id, friendly_name, factor_type, status, secret, last_step, created_at "
        "from \"auth.mfa_factors\" where user_id = ?1 order by created_at, id",
        {Value(user_id)});
    if (!rows) return std::unexpected(rows.error());
    std::vector<Factor> factors;
    for (const Row& row : *rows) factors.push_back(factor_of(row));
    return factors;
}

bool has_name(const std::vector<Factor>& factors, std::string_view friendly_name) {
    return std::ranges::find(factors, friendly_name, &Factor::friendly_name) != factors.end();
}

Result<Factor> require_factor(data::OwnerSession& session, std::string_view user_id,
                              std::string_view factor_id) {
    auto factors = find_factors(session, user_id);
    if (!factors) return std::unexpected(factors.error());
    for (Factor& factor : *factors) {
        if (factor.id == factor_id) return std::move(factor);
    }
    return std::unexpected(factor_not_found());
}

Result<void> insert_factor(data::OwnerSession& session, const Factor& factor) {
    return session.insert("auth.mfa_factors", {{"id", Value(factor.id)},
                                               {"user_id", Value(factor.user_id)},
                                               {"friendly_name", text_value(factor.friendly_name)},
                                               {"factor_type", Value(factor.type)},
                                               {"status", Value(factor.status)},
                                               {"secret", text_value(factor.sealed_secret)},
                                               {"created_at", Value(factor.created_at)},
                                               {"updated_at", Value(factor.created_at)}});
}

Result<void> delete_factor(data::OwnerSession& session, const Factor& factor) {
    if (!factor.is_totp()) {
        auto codes =
            session.remove("auth.mfa_recovery_codes", "user_id = ?1", {Value(factor.user_id)});
        if (!codes) return std::unexpected(codes.error());
    }
    return without_count(session.remove("auth.mfa_factors", "id = ?1", {Value(factor.id)}));
}

Result<std::optional<Challenge>> find_challenge(data::OwnerSession& session,
                                                std::string_view factor_id, std::string_view id) {
    auto rows = session.run(
        "select id, factor_id, created_at, verified_at, ip_address from \"auth.mfa_challenges\" "
        "where factor_id = ?1 and id = ?2",
        {Value(factor_id), Value(id)});
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty()) return std::nullopt;
    const Row& row = rows->front();
    return Challenge{.id = row[0].text(),
                     .factor_id = row[1].text(),
                     .created_at = row[2].integer(),
                     .verified_at = instant_of(row[3]),
                     .address = text_of(row[4])};
}

Result<void> insert_challenge(data::OwnerSession& session, const Challenge& challenge,
                              std::int64_t since_us) {
    const Value factor_id(challenge.factor_id);
    auto done = without_count(session.remove(
        "auth.mfa_challenges", "factor_id = ?1 and created_at < ?2", {factor_id, Value(since_us)}));
    if (done) {
        done =
            session.insert("auth.mfa_challenges", {{"id", Value(challenge.id)},
                                                   {"factor_id", factor_id},
                                                   {"created_at", Value(challenge.created_at)},
                                                   {"ip_address", text_value(challenge.address)}});
    }
    if (done) {
        done = without_count(session.update("auth.mfa_factors",
                                            {{"last_challenged_at", Value(challenge.created_at)}},
                                            "id = ?1", {factor_id}));
    }
    return done;
}

Result<void> use_factor(data::OwnerSession& session, const Factor& factor,
                        const Challenge& challenge, std::int64_t step, std::int64_t now_us) {
    auto done = without_count(session.update(
        "auth.mfa_challenges", {{"verified_at", Value(now_us)}}, "id = ?1", {Value(challenge.id)}));
    if (done) {
        done = without_count(session.update("auth.mfa_factors",
                                            {{"status", Value("verified")},
                                             {"last_step", Value(step)},
                                             {"updated_at", Value(now_us)}},
                                            "id = ?1", {Value(factor.id)}));
    }
    if (done) {
        done = without_count(session.remove(
            "auth.mfa_factors", "user_id = ?1 and factor_type = ?2 and status = 'unverified'",
            {Value(factor.user_id), Value(factor.type)}));
    }
    return done;
}

}  // namespace dunlin::auth
