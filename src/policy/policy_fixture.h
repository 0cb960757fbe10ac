#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sqlite/database_fixture.h"
#include "policy/access_rules.h"

namespace dunlin::policy {

/// A real database whose tables are made once, and policies that are put over them case by case.
class PolicyFixture : public engine::DatabaseFixture {
protected:
    PolicyFixture();

    /// Runs a migration: tables and rows. Policies in it stay for all cases.
    void migrate(std::string_view text);
    /// The rules of the migrated schema with `policies` added; nothing is stored.
    Result<std::shared_ptr<const AccessRules>> compile(std::string_view policies) const;
    /// As compile(), for what must succeed: rules() from now on.
    void use(std::string_view policies);
    /// False when they are refused.
    bool try_use(std::string_view policies);

    const AccessRules& rules() const { return *rules_; }
    const Table& table(std::string_view name) const;

    /// The rows of a statement; the message of an error as one text value.
    std::vector<Row> run(const Identity& identity, const std::string& sql);
    /// The ids, "1 2 3", of the rows that `identity` may touch by `command` (USING), from the
    /// database; "error: SQLSTATE" when the statement fails.
    std::string ids(const Identity& identity, std::string_view name,
                    Command command = Command::Select);
    /// The ids of the rows that `identity` might write by `command` (WITH CHECK).
    std::string checked(const Identity& identity, std::string_view name, Command command);
    /// The ids of the rows that the compiled SELECT rule shows; "not live: why" when it has none.
    std::string live_ids(const Identity& identity, std::string_view name);
    /// The reader with every set loaded as data/ does it.
    std::shared_ptr<const Reader> reader(const Identity& identity);

private:
    std::string ids_where(const Identity& identity, const ReadAccess& access);

    Schema schema_;
    std::shared_ptr<const AccessRules> rules_;
};

constexpr std::string_view ann_id = "11111111-1111-1111-1111-111111111111";
constexpr std::string_view bob_id = "22222222-2222-2222-2222-222222222222";

/// Somebody with a token of these claims (JSON members besides sub and role, without braces).
Identity identity_of(Role role, std::string_view user_id = "", std::string_view more_claims = "");
inline Identity ann(std::string_view more_claims = "") {
    return identity_of(Role::Authenticated, ann_id, more_claims);
}
inline Identity bob(std::string_view more_claims = "") {
    return identity_of(Role::Authenticated, bob_id, more_claims);
}
inline Identity anon() {
    return identity_of(Role::Anon);
}
inline Identity service() {
    return identity_of(Role::ServiceRole);
}

}  // namespace dunlin::policy
