// What a name means: a column, a variable of the routine, a parameter, a whole row.
#include <fmt/format.h>

#include <algorithm>

#include "core/limits.h"
#include "sql/analyzer.h"
#include "sql/array_functions.h"
#include "sql/expression_shift.h"

namespace dunlin::sql {

namespace {

std::vector<std::string> parts_of(const PgQuery__ColumnRef& node) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < node.n_fields; ++i) {
        if (node.fields[i]->node_case == PG_QUERY__NODE__NODE_STRING)
            parts.emplace_back(node.fields[i]->string->sval);
    }
    return parts;
}

bool is_merged(const Relation& relation, std::size_t column) {
    return std::ranges::find(relation.merged, column) != relation.merged.end();
}

std::unexpected<Refusal> ambiguous(int location, const std::string& name, std::string details) {
    return refuse(location,
                  sql_error("42702", fmt::format("column reference \"{}\" is ambiguous", name),
                            std::move(details)));
}

/// How many queries there are between a scope and the routine's own.
int levels_within(const Analyzer::Scope& scope) {
    int levels = 0;
    for (const auto* at = &scope; at->outer != nullptr; at = at->outer) ++levels;
    return levels;
}

RowValue row_of(const Relation& relation, int index, int depth) {
    RowValue row{.table = relation.table};
    for (std::size_t i = 0; i < relation.table->columns.size(); ++i) {
        const Column& column = relation.table->columns[i];
        if (column.hidden) continue;
        row.names.push_back(column.name);
        row.values.push_back({.kind = Expression::Kind::Column,
                              .type = column.type,
                              .name = column.name,
                              .relation = index,
                              .depth = depth,
                              .column = i});
    }
    return row;
}

}  // namespace

Parsed<std::optional<Expression>> Analyzer::table_column(const std::string& qualifier,
                                                         const std::string& name, int location,
                                                         const Scope& scope) {
    int depth = 0;
    for (const Scope* at = &scope; at != nullptr; at = at->outer, ++depth) {
        if (at->query == nullptr) continue;
        std::optional<Expression> found;
        for (std::size_t i = 0; i < at->query->relations.size(); ++i) {
            const Relation& relation = at->query->relations[i];
            if (!qualifier.empty() && relation.alias != qualifier) continue;
            const auto index = relation.table->find_column(name);
            if (!index || (qualifier.empty() && is_merged(relation, *index))) continue;
            if (found) return ambiguous(location, name, "");
            found = Expression{.kind = Expression::Kind::Column,
                               .type = relation.table->columns[*index].type,
                               .name = name,
                               .relation = static_cast<int>(i),
                               .depth = depth,
                               .column = *index};
        }
        if (found) return found;
    }
    return std::optional<Expression>();
}

Parsed<Expression> Analyzer::column(const PgQuery__ColumnRef& node, const Scope& scope) {
    if (node.fields[node.n_fields - 1]->node_case != PG_QUERY__NODE__NODE_STRING) {
        return not_carried(node.location, "* here", "Name the columns.");
    }
    const auto parts = parts_of(node);
    const std::string qualifier = parts.size() > 1 ? parts[parts.size() - 2] : "";
    auto found = table_column(qualifier, parts.back(), node.location, scope);
    if (!found) return std::unexpected(found.error());
    if (names_ != nullptr) return variable(node, *found ? &**found : nullptr, scope);
    if (*found) return std::move(**found);
    auto computed = computed_field(node, scope);
    if (!computed) return std::unexpected(computed.error());
    if (*computed) return std::move(**computed);
    return no_column(node);
}

std::unexpected<Refusal> Analyzer::no_column(const PgQuery__ColumnRef& node) const {
    const auto parts = parts_of(node);
    const bool qualified = parts.size() > 1;
    return refuse(node.location, "42703",
                  qualified ? fmt::format("column {}.{} does not exist", parts[parts.size() - 2],
                                          parts.back())
                            : fmt::format("column \"{}\" does not exist", parts.back()));
}

/// Inside a routine, where the name may be a column, a variable or both.
Parsed<Expression> Analyzer::variable(const PgQuery__ColumnRef& node, const Expression* column,
                                      const Scope& scope) {
    const auto parts = parts_of(node);
    const auto found = names_->find(parts);
    const bool column_first = names_->conflict() == RoutineNames::Conflict::ColumnFirst;
    if (column != nullptr && (column_first || found.value == nullptr)) return *column;
    if (column != nullptr) {
        return ambiguous(node.location, parts.back(),
                         "It could refer to either a PL/pgSQL variable or a table column.");
    }
    if (found.value != nullptr) return substituted(*found.value, scope);
    if (found.unassigned) {
        return refuse(
            node.location, "55000", fmt::format("record \"{}\" is not assigned yet", parts.front()),
            "Give it columns with SELECT … INTO above, or declare it as a table%ROWTYPE.");
    }
    if (found.no_field) {
        return refuse(
            node.location, "42703",
            fmt::format("record \"{}\" has no field \"{}\"", parts.front(), parts.back()));
    }
    if (found.meaning != nullptr) {
        return not_carried(node.location, "a whole row as a value",
                           "Name its columns, or use to_jsonb(row).");
    }
    auto computed = computed_field(node, scope);
    if (!computed) return std::unexpected(computed.error());
    if (*computed) return std::move(**computed);
    return no_column(node);
}

Parsed<Expression> Analyzer::parameter(const PgQuery__ParamRef& node, const Scope& scope) {
    const auto index = static_cast<std::size_t>(node.number);
    if (names_ == nullptr || index < 1 || index > names_->parameters().size()) {
        return refuse(node.location, "42P02",
                      fmt::format("there is no parameter ${}", node.number));
    }
    const auto* value = std::get_if<Expression>(&names_->parameters()[index - 1]);
    if (value != nullptr) return substituted(*value, scope);
    return not_carried(node.location, "a whole row as a value", "Name its columns.");
}

Parsed<Expression> Analyzer::indirection(const PgQuery__AIndirection& node, const Scope& scope) {
    if (node.n_indirection == 1 && node.indirection[0]->node_case == PG_QUERY__NODE__NODE_STRING) {
        const std::string field = node.indirection[0]->string->sval;
        if (const auto whole = row(*node.arg, scope)) {  // (new).a
            const auto at = std::ranges::find(whole->names, field);
            if (at != whole->names.end())
                return whole->values[static_cast<std::size_t>(at - whole->names.begin())];
            return refuse(location_of(*node.arg), "42703",
                          fmt::format("column \"{}\" not found in data type record", field));
        }
    }
    const auto& first = *node.indirection[0];
    const bool element = node.n_indirection == 1 && names_ != nullptr &&
                         node.arg->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
                         first.node_case == PG_QUERY__NODE__NODE_A_INDICES &&
                         first.a_indices->uidx->node_case == PG_QUERY__NODE__NODE_A_CONST;
    if (element &&
        dotted_name(node.arg->column_ref->fields, node.arg->column_ref->n_fields) == "tg_argv") {
        const int index = first.a_indices->uidx->a_const->ival == nullptr
                              ? 0
                              : first.a_indices->uidx->a_const->ival->ival;
        const std::string names[] = {"tg_argv", std::to_string(index)};
        const auto found = names_->find(names);
        return found.value != nullptr ? *found.value : make_literal(Value(), text_type());
    }
    auto value = expression(*node.arg, scope);
    for (std::size_t i = 0; i < node.n_indirection && value; ++i)
        value = subscripted(std::move(*value), *node.indirection[i], scope);
    return value;
}

Parsed<Expression> Analyzer::subscripted(Expression value, const PgQuery__Node& node,
                                         const Scope& scope) {
    const int at = location_of(node);
    if (node.node_case != PG_QUERY__NODE__NODE_A_INDICES)
        return not_carried(at, "a field of an expression", "Use ->, or a subquery in FROM.");
    const PgQuery__AIndices& indices = *node.a_indices;
    const auto bound = [&](const PgQuery__Node* given, std::int64_t otherwise) {
        return given != nullptr
                   ? expression(*given, scope)
                   : Parsed<Expression>(make_literal(Value(otherwise), {.kind = TypeKind::Int4}));
    };
    auto last = bound(indices.uidx, INT32_MAX);
    if (!last) return last;
    if (indices.is_slice == 0) return subscript(std::move(value), std::move(*last), at);
    auto first = bound(indices.lidx, 1);
    if (!first) return first;
    return slice(std::move(value), std::move(*first), std::move(*last), at);
}

std::optional<RowValue> Analyzer::row(const PgQuery__Node& node, const Scope& scope) {
    if (node.node_case == PG_QUERY__NODE__NODE_PARAM_REF && names_ != nullptr) {
        const auto index = static_cast<std::size_t>(node.param_ref->number) - 1;
        if (index >= names_->parameters().size()) return std::nullopt;
        const auto* whole = std::get_if<RowValue>(&names_->parameters()[index]);
        return whole == nullptr ? std::nullopt : std::optional(substituted(*whole, scope));
    }
    if (node.node_case != PG_QUERY__NODE__NODE_COLUMN_REF) return std::nullopt;
    const auto parts = parts_of(*node.column_ref);
    if (parts.empty()) return std::nullopt;
    const bool star = parts.size() < node.column_ref->n_fields;  // t.*
    if (!star) {
        const auto column =
            table_column(parts.size() > 1 ? parts[parts.size() - 2] : "", parts.back(), -1, scope);
        if (!column || *column) return std::nullopt;
    }
    int depth = 0;
    for (const Scope* at = &scope; at != nullptr; at = at->outer, ++depth) {
        if (at->query == nullptr) continue;
        for (std::size_t i = 0; i < at->query->relations.size(); ++i) {
            if (at->query->relations[i].alias == parts.back())
                return row_of(at->query->relations[i], static_cast<int>(i), depth);
        }
    }
    if (names_ == nullptr) return std::nullopt;
    const auto found = names_->find(parts);
    const auto* whole = found.meaning == nullptr || found.no_field || found.value != nullptr
                            ? nullptr
                            : std::get_if<RowValue>(found.meaning);
    return whole == nullptr ? std::nullopt : std::optional(substituted(*whole, scope));
}

/// What stands for a name, at a place inside the routine's queries.
Parsed<Expression> Analyzer::substituted(const Expression& value, const Scope& scope) {
    if (value.kind == Expression::Kind::Variable || value.kind == Expression::Kind::Literal)
        return value;
    inlined_nodes_ += node_count(value);
    if (inlined_nodes_ > limits::inlined_nodes_max) {
        return refuse(-1, "54001", "the functions called here are too large to be put in place",
                      "Call fewer functions inside of each other.");
    }
    Expression here = value;
    shift(here, levels_within(scope));
    return here;
}

RowValue Analyzer::substituted(const RowValue& row, const Scope& scope) {
    RowValue here = row;
    const int levels = levels_within(scope);
    for (Expression& value : here.values) {
        if (value.kind != Expression::Kind::Variable) shift(value, levels);
    }
    return here;
}

}  // namespace dunlin::sql
