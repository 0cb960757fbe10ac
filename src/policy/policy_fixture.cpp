#include "policy/policy_fixture.h"

#include <fmt/format.h>

#include "core/check.h"
#include "sql/migration.h"
#include "sql/sqlite_text.h"

namespace dunlin::policy {

PolicyFixture::PolicyFixture() {
    open(options());
}

void PolicyFixture::migrate(std::string_view text) {
    auto plan = sql::plan_migration(schema_, text, "test.sql");
    ASSERT_TRUE(plan) << plan.error().message;
    std::vector<std::string> statements;
    for (const auto& planned : plan->statements) statements.push_back(planned.sql);
    define(statements);
    schema_ = plan->schema;
    engine_->set_schema(std::make_shared<const Schema>(schema_));
}

Result<std::shared_ptr<const AccessRules>> PolicyFixture::compile(std::string_view policies) const {
    auto plan = sql::plan_migration(schema_, policies, "policies.sql");
    if (!plan) return std::unexpected(plan.error());
    return AccessRules::compile(std::make_shared<const Schema>(std::move(plan->schema)), clock_);
}

void PolicyFixture::use(std::string_view policies) {
    auto compiled = compile(policies);
    ASSERT_TRUE(compiled) << policies << "\n" << compiled.error().message;
    rules_ = std::move(*compiled);
}

bool PolicyFixture::try_use(std::string_view policies) {
    auto compiled = compile(policies);
    if (compiled) rules_ = std::move(*compiled);
    return compiled.has_value();
}

const Table& PolicyFixture::table(std::string_view name) const {
    const Table* found = rules_->schema().find("public", name);
    CHECK(found != nullptr);
    return *found;
}

std::vector<Row> PolicyFixture::run(const Identity& identity, const std::string& sql) {
    std::vector<Row> rows;
    auto done = read(
        [&](engine::Session& session) -> Result<void> {
            auto found = session.run({sql});
            if (!found) return std::unexpected(found.error());
            rows = std::move(found->rows);
            return {};
        },
        identity);
    if (!done) return {{Value("error: " + done.error().sqlstate + " " + done.error().message)}};
    return rows;
}

std::string PolicyFixture::ids_where(const Identity& identity, const ReadAccess& access) {
    const std::string where = access.condition.empty() ? "" : " where (" + access.condition + ")";
    std::string out;
    for (const Row& row : run(identity, fmt::format("select id from {} as t{} order by id",
                                                    access.relation, where))) {
        if (!out.empty()) out.push_back(' ');
        out += row[0].is_integer() ? std::to_string(row[0].integer())
               : row[0].is_text()  ? row[0].text()
                                   : "null";
    }
    return out;
}

std::string PolicyFixture::ids(const Identity& identity, std::string_view name, Command command) {
    ReadAccess access = rules_->read_access(table(name), identity.role, "t");
    if (command != Command::Select)
        access.condition = rules_->using_sql(table(name), command, identity.role, "t");
    return ids_where(identity, access);
}

std::string PolicyFixture::checked(const Identity& identity, std::string_view name,
                                   Command command) {
    ReadAccess access = rules_->read_access(table(name), identity.role, "t");
    access.condition = rules_->check_sql(table(name), command, identity.role, "t");
    return ids_where(identity, access);
}

std::shared_ptr<const Reader> PolicyFixture::reader(const Identity& identity) {
    std::vector<std::shared_ptr<const ValueSet>> sets;
    for (const SetQuery& query : rules_->set_queries()) {
        sets.push_back(nullptr);
        if (query.role != identity.role) continue;
        auto set = std::make_shared<ValueSet>();
        for (const Row& row : run(identity, query.sql)) set->insert(row.at(0));
        sets.back() = std::move(set);
    }
    return rules_->make_reader(identity, std::move(sets));
}

std::string PolicyFixture::live_ids(const Identity& identity, std::string_view name) {
    const auto rule = rules_->select_rule(table(name), identity.role);
    if (!rule) return "not live: " + rule.error().message;
    const auto who = reader(identity);
    const std::string from = sql::quote_identifier(table(name).storage_name());
    std::string out;
    for (const Row& row : run(service(), "select * from " + from + " order by id")) {
        if (!(*rule)->allows(row, *who)) continue;
        if (!out.empty()) out.push_back(' ');
        out += std::to_string(row.at(0).integer());
    }
    return out;
}

Identity identity_of(Role role, std::string_view user_id, std::string_view more_claims) {
    Identity identity{.role = role, .user_id = std::string(user_id)};
    identity.claims = fmt::format(R"({{"role":"{}")", role_name(role));
    if (!user_id.empty()) identity.claims += fmt::format(R"(,"sub":"{}")", user_id);
    if (!more_claims.empty()) identity.claims += "," + std::string(more_claims);
    identity.claims += "}";
    return identity;
}

}  // namespace dunlin::policy
