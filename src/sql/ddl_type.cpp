#include <fmt/format.h>

#include <algorithm>

#include "sql/ddl_table.h"

namespace dunlin::sql {

namespace {

Done require_free_type(const Builder& builder, const RelationName& name) {
    TypeKind kind{};
    const bool known = name.first == "public" && type_kind_from_name(name.second, kind);
    if (!known && !builder.schema.enums.contains(name) && !builder.schema.domains.contains(name))
        return {};
    return refuse(-1, "42710", fmt::format("type \"{}\" already exists", shown_name(name)));
}

Done add_domain_check(Builder& builder, const PgQuery__Constraint& constraint,
                      const RelationName& name, DomainType& domain) {
    // VALUE stands for the column that has the domain.
    Table around{.name = name.second, .columns = {{.name = "value", .type = domain.base}}};
    auto check = analyze_expression(builder.schema, &around, *constraint.raw_expr, &bool_type());
    if (!check) return std::unexpected(check.error());
    if (auto plain = require_plain(*check, constraint.location, "a check constraint", false);
        !plain)
        return plain;
    std::string check_name = text_of(constraint.conname);
    if (check_name.empty()) check_name = name.second + "_check";
    domain.checks.push_back(
        {.name = std::move(check_name), .text = deparse_expression(*constraint.raw_expr)});
    return {};
}

Done add_domain_constraint(Builder& builder, const PgQuery__Constraint& constraint,
                           const RelationName& name, DomainType& domain) {
    switch (constraint.contype) {
        case PG_QUERY__CONSTR_TYPE__CONSTR_NULL:
            return {};
        case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
            domain.not_null = true;
            return {};
        case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
            return add_domain_check(builder, constraint, name, domain);
        case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT: {
            Column column{.name = "value", .type = domain.base};
            if (auto done = set_default(builder, column, constraint.raw_expr); !done) return done;
            domain.default_text = column.default_text;
            return {};
        }
        default:
            return not_carried(constraint.location, "this constraint on a domain",
                               "Use CHECK or NOT NULL.");
    }
}

}  // namespace

Done create_enum(Builder& builder, const PgQuery__CreateEnumStmt& statement) {
    const RelationName name = relation_name(statement.type_name, statement.n_type_name);
    if (auto free = require_free_type(builder, name); !free) return free;
    EnumType type{.schema = name.first, .name = name.second, .labels = {}};
    for (std::size_t i = 0; i < statement.n_vals; ++i) {
        std::string label = string_of(*statement.vals[i]);
        if (std::ranges::find(type.labels, label) != type.labels.end()) {
            return refuse(-1, "23505", fmt::format("enum label \"{}\" appears twice", label));
        }
        type.labels.push_back(std::move(label));
    }
    builder.schema.enums.emplace(name, std::move(type));
    return {};
}

Done create_domain(Builder& builder, const PgQuery__CreateDomainStmt& statement) {
    const RelationName name = relation_name(statement.domainname, statement.n_domainname);
    if (auto free = require_free_type(builder, name); !free) return free;
    auto base = resolve_type(builder.schema, *statement.type_name);
    if (!base) return std::unexpected(base.error());
    DomainType domain{.schema = name.first, .name = name.second, .base = std::move(*base)};
    const RelationName parent =
        relation_name(statement.type_name->names, statement.type_name->n_names);
    if (const auto found = builder.schema.domains.find(parent);
        found != builder.schema.domains.end()) {
        domain.not_null = found->second.not_null;
        domain.default_text = found->second.default_text;
        domain.checks = found->second.checks;
    }
    for (std::size_t i = 0; i < statement.n_constraints; ++i) {
        const auto& constraint = *statement.constraints[i]->constraint;
        if (auto done = add_domain_constraint(builder, constraint, name, domain); !done)
            return done;
    }
    builder.schema.domains.emplace(name, std::move(domain));
    return {};
}

Done alter_enum(Builder& builder, const PgQuery__AlterEnumStmt& statement) {
    const RelationName name = relation_name(statement.type_name, statement.n_type_name);
    const auto found = builder.schema.enums.find(name);
    if (found == builder.schema.enums.end()) {
        return refuse(-1, "42704", fmt::format("type \"{}\" does not exist", shown_name(name)));
    }
    if (given(statement.old_val)) {
        return not_carried(-1, "RENAME VALUE", "Add the new value and move the rows with UPDATE.");
    }
    auto& labels = found->second.labels;
    const std::string label = text_of(statement.new_val);
    if (std::ranges::find(labels, label) != labels.end()) {
        if (statement.skip_if_new_val_exists == 0) {
            return refuse(-1, "42710", fmt::format("enum label \"{}\" already exists", label));
        }
        builder.note(fmt::format("enum label \"{}\" already exists, skipping", label));
        return {};
    }
    auto place = labels.end();
    if (given(statement.new_val_neighbor)) {
        place = std::ranges::find(labels, statement.new_val_neighbor);
        if (place == labels.end()) {
            return refuse(
                -1, "22023",
                fmt::format("\"{}\" is not an existing enum label", statement.new_val_neighbor));
        }
        if (statement.new_val_is_after != 0) ++place;
    }
    labels.insert(place, label);
    // The labels are in a check of each column of the type.
    for (auto& [key, table] : builder.schema.tables) {
        bool uses = false;
        for (Column& column : table.columns) {
            if (column.type.kind != TypeKind::Enum || column.type.enum_name != shown_name(name))
                continue;
            column.type.labels = labels;
            uses = table.kind == RelationKind::Table;
        }
        if (!uses) continue;
        if (auto done = rebuild_table(builder, table, {}); !done) return done;
    }
    return {};
}

}  // namespace dunlin::sql
