// GRANT and REVOKE of EXECUTE.
#include <algorithm>

#include "sql/ddl_function.h"

namespace dunlin::sql {

namespace {

constexpr std::string_view everyone = "public";
/// May call every function, as its owner; keeps the list from being empty, which means everyone.
constexpr std::string_view owner = "postgres";

std::vector<std::string> grantees_of(const PgQuery__GrantStmt& statement) {
    std::vector<std::string> roles;
    for (std::size_t i = 0; i < statement.n_grantees; ++i) {
        const auto& role = *statement.grantees[i]->role_spec;
        const bool all = role.roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_PUBLIC;
        roles.push_back(all ? std::string(everyone) : text_of(role.rolename));
    }
    return roles;
}

/// PostgreSQL gives EXECUTE to PUBLIC when a function is made.
void change(Function& function, const std::vector<std::string>& roles, bool grant) {
    auto& executors = function.executors;
    if (executors.empty()) executors = {std::string(owner), std::string(everyone)};
    for (const std::string& role : roles) {
        std::erase(executors, role);
        if (grant || role == owner) executors.push_back(role);
    }
}

}  // namespace

Done grant_execute(Builder& builder, const PgQuery__GrantStmt& statement) {
    const auto roles = grantees_of(statement);
    const bool grant = statement.is_grant != 0;
    if (statement.targtype == PG_QUERY__GRANT_TARGET_TYPE__ACL_TARGET_ALL_IN_SCHEMA) {
        for (std::size_t i = 0; i < statement.n_objects; ++i) {
            const std::string schema = string_of(*statement.objects[i]);
            for (auto& [name, overloads] : builder.schema.functions) {
                if (name.first != schema) continue;
                for (Function& function : overloads) change(function, roles, grant);
            }
        }
        return {};
    }
    for (std::size_t i = 0; i < statement.n_objects; ++i) {
        auto function = find_function(builder, *statement.objects[i]->object_with_args);
        if (!function) return std::unexpected(function.error());
        change(**function, roles, grant);
    }
    return {};
}

}  // namespace dunlin::sql
