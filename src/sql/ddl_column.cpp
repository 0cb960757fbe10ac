#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "sql/ddl_table.h"
#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

/// serial types: an integer with numbers given by the engine.
std::optional<TypeKind> serial_kind(const PgQuery__TypeName& name) {
    if (name.n_names != 1 || name.n_array_bounds > 0) return std::nullopt;
    const std::string text = string_of(*name.names[0]);
    if (text == "serial" || text == "serial4") return TypeKind::Int4;
    if (text == "bigserial" || text == "serial8") return TypeKind::Int8;
    if (text == "smallserial" || text == "serial2") return TypeKind::Int2;
    return std::nullopt;
}

const DomainType* find_domain(const Schema& schema, const PgQuery__TypeName& name) {
    const auto found = schema.domains.find(relation_name(name.names, name.n_names));
    return found == schema.domains.end() ? nullptr : &found->second;
}

Done require_known_collation(const PgQuery__CollateClause& clause) {
    const std::string name = dotted_name(clause.collname, clause.n_collname);
    constexpr std::array<std::string_view, 6> bytewise = {
        "C", "POSIX", "default", "pg_catalog.C", "ucs_basic", "pg_catalog.default"};
    for (const std::string_view known : bytewise) {
        if (name == known) return {};
    }
    return not_carried(clause.location, fmt::format("collation \"{}\"", name),
                       "Text is ordered by its bytes; leave COLLATE out.");
}

/// What a domain asks of its columns.
void apply_domain(Builder& builder, Table& table, Column& column, const DomainType& domain) {
    column.not_null = domain.not_null;
    column.default_text = domain.default_text;
    for (const CheckConstraint& check : domain.checks) {
        const DefaultName base{table.name, column.name, check.name};
        table.checks.push_back({.name = free_constraint_name(builder, table, base),
                                .text = rename_identifier(check.text, "value", column.name),
                                .domain = shown_name({domain.schema, domain.name}),
                                .domain_check = check.name});
    }
}

Done set_generated(Builder& builder, Table& table, std::size_t column,
                   const PgQuery__Constraint& constraint) {
    auto expression = analyze_expression(builder.schema, &table, *constraint.raw_expr,
                                         &table.columns[column].type);
    if (!expression) return std::unexpected(expression.error());
    if (auto plain = require_plain(*expression, constraint.location, "a generated column", true);
        !plain)
        return plain;
    if (mentions(deparse_expression(*constraint.raw_expr), table.columns[column].name)) {
        return refuse(constraint.location, "42P17", "a generated column cannot refer to itself");
    }
    table.columns[column].generated_text = deparse_expression(*constraint.raw_expr);
    return {};
}

Done apply_column_constraint(Builder& builder, Table& table, std::size_t index,
                             const PgQuery__Constraint& constraint) {
    Column& column = table.columns[index];
    switch (constraint.contype) {
        case PG_QUERY__CONSTR_TYPE__CONSTR_NULL:
            column.not_null = false;
            return {};
        case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
            column.not_null = true;
            return {};
        case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
            return set_default(builder, column, constraint.raw_expr);
        case PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY:
            if (!is_integer(column.type)) {
                return refuse(constraint.location, "22023",
                              "identity column type must be smallint, integer, or bigint");
            }
            column.identity = text_of(constraint.generated_when) == "a" ? IdentityColumn::Always
                                                                        : IdentityColumn::ByDefault;
            column.not_null = true;
            if (constraint.n_options > 0)
                builder.note("the options of an identity column have no effect");
            return {};
        // These look at other columns or at the key, so they wait until every column is there.
        case PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED:
        case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE:
        case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_NOT_DEFERRABLE:
        case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED:
        case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_IMMEDIATE:
            return {};
        default:
            return {};
    }
}

Done add_generated(Builder& builder, Table& table, std::size_t column,
                   const PgQuery__ColumnDef& definition) {
    for (std::size_t i = 0; i < definition.n_constraints; ++i) {
        const auto& constraint = *definition.constraints[i]->constraint;
        if (constraint.contype != PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED) continue;
        if (!table.columns[column].default_text.empty()) {
            return refuse(constraint.location, "42601", "a generated column cannot have a default");
        }
        if (auto done = set_generated(builder, table, column, constraint); !done) return done;
    }
    return {};
}

}  // namespace

Done set_default(Builder& builder, Column& column, const PgQuery__Node* node) {
    if (node == nullptr) {
        column.default_text.clear();
        return {};
    }
    if (column.identity != IdentityColumn::None || !column.generated_text.empty()) {
        return refuse(
            location_of(*node), "42601",
            fmt::format("column \"{}\" has its values from the engine and cannot have a default",
                        column.name));
    }
    auto expression = analyze_expression(builder.schema, nullptr, *node, &column.type);
    if (!expression) return std::unexpected(expression.error());
    if (auto plain = require_plain(*expression, location_of(*node), "a default", false); !plain)
        return plain;
    // DEFAULT NULL is no default at all.
    const bool null = expression->kind == Expression::Kind::Literal && expression->value.is_null();
    column.default_text = null ? "" : deparse_expression(*node);
    return {};
}

Done add_column(Builder& builder, Table& table, const PgQuery__ColumnDef& definition) {
    Column column{.name = text_of(definition.colname), .type = {}};
    for (const Column& other : table.columns) {
        if (std::ranges::equal(other.name, column.name,
                               [](char a, char b) { return std::tolower(a) == std::tolower(b); })) {
            return refuse(definition.location, "42701",
                          fmt::format("column \"{}\" of relation \"{}\" already exists", other.name,
                                      table.name),
                          other.name == column.name
                              ? ""
                              : "Names that differ only in case are one name on SQLite.");
        }
    }
    if (definition.type_name == nullptr)
        return refuse(definition.location, "42601", "a column needs a type");
    if (definition.coll_clause != nullptr) {
        if (auto known = require_known_collation(*definition.coll_clause); !known) return known;
    }
    if (const auto serial = serial_kind(*definition.type_name)) {
        column.type.kind = *serial;
        column.identity = IdentityColumn::ByDefault;
        column.not_null = true;
    } else {
        auto type = resolve_type(builder.schema, *definition.type_name);
        if (!type) {
            const int offset = type.error().offset < 0 ? definition.location : type.error().offset;
            return refuse(offset, type.error().error);
        }
        column.type = std::move(*type);
    }
    table.columns.push_back(std::move(column));
    const std::size_t index = table.columns.size() - 1;
    const DomainType* domain = find_domain(builder.schema, *definition.type_name);
    if (domain != nullptr) apply_domain(builder, table, table.columns[index], *domain);
    for (std::size_t i = 0; i < definition.n_constraints; ++i) {
        const auto& constraint = *definition.constraints[i]->constraint;
        if (auto done = apply_column_constraint(builder, table, index, constraint); !done)
            return done;
    }
    return {};
}

Done add_column_constraints(Builder& builder, Table& table, std::size_t column,
                            const PgQuery__ColumnDef& definition, ConstraintPass pass) {
    const bool foreign = pass == ConstraintPass::Foreign;
    if (!foreign) {
        if (auto done = add_generated(builder, table, column, definition); !done) return done;
    }
    for (std::size_t i = 0; i < definition.n_constraints; ++i) {
        // DEFERRABLE and INITIALLY DEFERRED are nodes of their own after the constraint they belong
        // to.
        PgQuery__Constraint constraint = *definition.constraints[i]->constraint;
        if ((constraint.contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN) != foreign) continue;
        for (std::size_t k = i + 1; k < definition.n_constraints; ++k) {
            const auto kind = definition.constraints[k]->constraint->contype;
            if (kind == PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED) constraint.initdeferred = 1;
            if (kind == PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE) constraint.deferrable = 1;
            if (kind < PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE) break;
        }
        if (auto done = add_constraint(builder, table, constraint, column); !done) return done;
    }
    return {};
}

}  // namespace dunlin::sql
