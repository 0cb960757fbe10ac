#include "policy/rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/check.h"
#include "policy/channel_messages.h"
#include "policy/compiled_rule.h"
#include "policy/expression_walk.h"
#include "policy/predicate_compiler.h"

namespace dunlin::policy {

namespace {

sql::Expression constant(bool truth) {
    return {.kind = sql::Expression::Kind::Literal,
            .type = {.kind = TypeKind::Bool},
            .value = Value::boolean(truth)};
}

sql::Expression junction(const char* name, std::vector<sql::Expression> parts) {
    if (parts.size() == 1) return std::move(parts[0]);
    return {.kind = sql::Expression::Kind::Operator,
            .type = {.kind = TypeKind::Bool},
            .name = name,
            .arguments = std::move(parts)};
}

sql::Expression combine(const std::vector<AnalysedPolicy>& policies, Command command, Role role,
                        Side side) {
    std::vector<sql::Expression> permissive, all;
    for (const auto& analysed : policies) {
        if (!why_skipped(*analysed.policy, command, role).empty()) continue;
        if (const auto& part = part_of(analysed, side))
            (analysed.policy->permissive ? permissive : all).push_back(*part);
    }
    if (permissive.empty()) return constant(false);
    all.insert(all.begin(), junction("or", std::move(permissive)));
    return junction("and", std::move(all));
}

/// `not (n."id" = t."id")`: any row of the table but the inserted one.
std::string other_row(const Table& table, std::string_view name, std::string_view inserted) {
    std::string out;
    for (const std::size_t column : table.primary_key.columns) {
        const std::string quoted = sql::quote_identifier(table.columns[column].name);
        out += fmt::format("{}{}.{} = {}.{}", out.empty() ? "" : " and ", name, quoted,
                           sql::quote_identifier(inserted), quoted);
    }
    return "not (" + out + ")";
}

Result<void> analyse_view(const Schema& schema, const Table& view,
                          std::map<const Table*, sql::Query>& views) {
    const auto tree = sql::parse(view.view_text);
    if (!tree) return std::unexpected(tree.error().error);
    auto query = sql::analyze_query(schema, *tree->statements().at(0)->stmt->select_stmt);
    if (!query) return std::unexpected(query.error().error);
    views.emplace(&view, std::move(*query));
    return {};
}

}  // namespace

const Table& AccessRules::Rules::own(const Table& table) const {
    const Table* found = schema->find(table.schema, table.name);
    CHECK(found != nullptr);
    return *found;
}

Result<void> AccessRules::Rules::analyse(const Table& table) {
    if (table.kind == RelationKind::View) return analyse_view(*schema, table, views);
    for (const Policy& policy : table.policies) {
        AnalysedPolicy analysed{.policy = &policy};
        for (const auto& [text, slot] : {std::pair{&policy.using_text, &analysed.visible},
                                         {&policy.check_text, &analysed.check}}) {
            if (text->empty()) continue;
            static const Type boolean{.kind = TypeKind::Bool};
            auto expression = sql::analyze_expression(*schema, &table, *text, &boolean);
            if (!expression) {
                Error error = expression.error().error;
                error.message =
                    fmt::format("policy \"{}\" on {}: {}", policy.name, table.name, error.message);
                return std::unexpected(std::move(error));
            }
            put_topic_in_place(*expression, table);
            *slot = std::move(*expression);
        }
        policies[table.storage_name()].push_back(std::move(analysed));
    }
    return {};
}

sql::Expression AccessRules::Rules::rule(const Table& table, Command command, Role role,
                                         Side side) const {
    if (role == Role::ServiceRole) return constant(true);
    // What a view hides cannot be said of its rows: see source().
    if (table.kind == RelationKind::View) return constant(!hides_rows(table, role));
    if (!table.row_security) return constant(true);
    const auto found = policies.find(table.storage_name());
    return found == policies.end() ? constant(false) : combine(found->second, command, role, side);
}

std::string AccessRules::Rules::text(const Table& table, Command command, Role role,
                                     std::string_view alias, Side side,
                                     const Inserted& inserted) const {
    const bool over_inserted = inserted.table == &table && inserted.alias == alias;
    if (alias == usual_alias && (over_inserted || inserted.table == nullptr)) {
        const auto known = texts.find({&table, command, role, side, over_inserted});
        if (known != texts.end()) return known->second;
    }
    return write_text(table, command, role, alias, side, inserted);
}

void AccessRules::Rules::write_texts() {
    const auto add = [&](const Table& table, Command command, Role role, Side side,
                         const Inserted& inserted) {
        texts.emplace(TextKey{&table, command, role, side, inserted.table != nullptr},
                      write_text(table, command, role, usual_alias, side, inserted));
    };
    for (const auto& [name, table] : schema->tables) {
        const Inserted inserted{&table, std::string(usual_alias)};
        for (const Role role : every_role) {
            for (const Command command : {Command::Select, Command::Update, Command::Delete})
                add(table, command, role, Side::Using, {});
            add(table, Command::Update, role, Side::Check, {});
            add(table, Command::Select, role, Side::Using, inserted);
            add(table, Command::Insert, role, Side::Check, inserted);
        }
    }
}

std::string AccessRules::Rules::write_text(const Table& table, Command command, Role role,
                                           std::string_view alias, Side side,
                                           const Inserted& inserted) const {
    const auto found = rule(table, command, role, side);
    if (found.kind == sql::Expression::Kind::Literal)
        return found.value == Value::boolean(true) ? "" : "0";
    return sql::sqlite_text(found, alias, filter(role, inserted));
}

sql::RelationFilter AccessRules::Rules::filter(Role role, Inserted inserted) const {
    const auto condition = [this, role, inserted](const Table& table, std::string_view alias) {
        if (table.kind == RelationKind::View) return std::string();  // inside of its source
        std::string visible = text(table, Command::Select, role, alias, Side::Using, inserted);
        if (&table != inserted.table || table.primary_key.columns.empty()) return visible;
        const std::string other = other_row(table, alias, inserted.alias);
        return visible.empty() ? other : fmt::format("({}) and {}", visible, other);
    };
    const auto owner_condition = [inserted](const Table& table, std::string_view alias) {
        const bool other = &table == inserted.table && !table.primary_key.columns.empty();
        return other ? other_row(table, alias, inserted.alias) : std::string();
    };
    return {.condition = condition,
            .owner_condition = owner_condition,
            .source = [this, role](const Table& table) { return source(table, role); }};
}

Result<std::unique_ptr<const RowRule>> AccessRules::Rules::compile_rule(const Table& table,
                                                                        Command command,
                                                                        Role role) {
    const auto inner_filter = filter(role, {});
    PredicateCompiler compiler(shared, role, inner_filter,
                               [&](const ReadRelation& inner, std::set<std::string>& names) {
                                   return tables_behind(inner, role, names);
                               });
    const Side side = command == Command::Insert ? Side::Check : Side::Using;
    auto predicate = compiler.compile(rule(table, command, role, side));
    if (!predicate) {
        Error error = predicate.error();
        error.message = fmt::format("the policies of {}: {}", table.name, error.message);
        return std::unexpected(std::move(error));
    }
    return std::make_unique<const CompiledRule>(
        std::move(*predicate), !compiler.uses_reader(),
        std::vector<std::string>(compiler.tables().begin(), compiler.tables().end()),
        std::vector<std::size_t>(compiler.sets().begin(), compiler.sets().end()));
}

}  // namespace dunlin::policy
