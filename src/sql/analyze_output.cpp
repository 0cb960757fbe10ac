// What a query gives and how it is ordered: output columns, ORDER BY, GROUP BY.
#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer.h"

namespace dunlin::sql {

namespace {

std::string last_name(PgQuery__Node* const* nodes, std::size_t count) {
    return dotted_name(nodes + count - 1, 1);
}

/// The name that PostgreSQL's FigureColname() gives an output, or "".
std::string name_of_value(const PgQuery__Node& value) {
    switch (value.node_case) {
        case PG_QUERY__NODE__NODE_COLUMN_REF:
            return last_name(value.column_ref->fields, value.column_ref->n_fields);
        case PG_QUERY__NODE__NODE_FUNC_CALL:
            return last_name(value.func_call->funcname, value.func_call->n_funcname);
        case PG_QUERY__NODE__NODE_COALESCE_EXPR:
            return "coalesce";
        case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
            return "array";
        case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
            return value.min_max_expr->op == PG_QUERY__MIN_MAX_OP__IS_GREATEST ? "greatest"
                                                                               : "least";
        case PG_QUERY__NODE__NODE_A_EXPR:
            return value.a_expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF ? "nullif" : "";
        case PG_QUERY__NODE__NODE_TYPE_CAST: {
            const auto& type = *value.type_cast->type_name;
            const std::string inner = name_of_value(*value.type_cast->arg);
            return inner.empty() ? last_name(type.names, type.n_names) : inner;
        }
        case PG_QUERY__NODE__NODE_CASE_EXPR: {
            const auto* otherwise = value.case_expr->defresult;
            const std::string inner = otherwise == nullptr ? "" : name_of_value(*otherwise);
            return inner.empty() ? "case" : inner;
        }
        case PG_QUERY__NODE__NODE_SUB_LINK: {
            const auto& link = *value.sub_link;
            if (link.sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK) return "exists";
            if (link.sub_link_type != PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK) return "";
            if (link.subselect->select_stmt->n_target_list == 0) return "";
            const auto& target = *link.subselect->select_stmt->target_list[0]->res_target;
            return target.name != nullptr && *target.name != 0 ? target.name
                                                               : name_of_value(*target.val);
        }
        default:
            return "";
    }
}

std::string target_name(const PgQuery__ResTarget& target) {
    if (target.name != nullptr && *target.name != 0) return target.name;
    const std::string name = name_of_value(*target.val);
    return name.empty() ? "?column?" : name;
}

Expression column_of(const Query& query, std::size_t relation, std::size_t column) {
    return {.kind = Expression::Kind::Column,
            .type = query.relations[relation].table->columns[column].type,
            .relation = static_cast<int>(relation),
            .column = column};
}

}  // namespace

/// `*`, `t.*`, and in a routine `new.*`.
Parsed<void> Analyzer::add_star(const PgQuery__Node& value, const std::string& qualifier,
                                Query& query, const Scope& scope) {
    bool known = false;
    for (std::size_t r = 0; r < query.relations.size(); ++r) {
        const Relation& relation = query.relations[r];
        if (!qualifier.empty() && relation.alias != qualifier) continue;
        known = true;
        for (std::size_t c = 0; c < relation.table->columns.size(); ++c) {
            if (relation.table->columns[c].hidden) continue;
            const bool twice =
                qualifier.empty() && std::ranges::find(relation.merged, c) != relation.merged.end();
            if (!twice)
                query.targets.push_back({relation.table->columns[c].name, column_of(query, r, c)});
        }
    }
    if (known) return {};
    if (auto whole = qualifier.empty() ? std::nullopt : row(value, scope)) {
        for (std::size_t i = 0; i < whole->names.size(); ++i)
            query.targets.push_back({whole->names[i], std::move(whole->values[i])});
        return {};
    }
    if (qualifier.empty())
        return refuse(location_of(value), "42601",
                      "SELECT * with no tables specified is not valid");
    return refuse(location_of(value), "42P01",
                  fmt::format("missing FROM-clause entry for table \"{}\"", qualifier));
}

Parsed<void> Analyzer::add_target(const PgQuery__ResTarget& target, Query& query,
                                  const Scope& scope) {
    const PgQuery__Node& value = *target.val;
    const bool star = value.node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
                      value.column_ref->fields[value.column_ref->n_fields - 1]->node_case ==
                          PG_QUERY__NODE__NODE_A_STAR;
    if (star) {
        const std::string qualifier =
            dotted_name(value.column_ref->fields, value.column_ref->n_fields);
        return add_star(value, qualifier, query, scope);
    }
    auto analyzed = expression(value, scope);
    if (!analyzed) return std::unexpected(analyzed.error());
    if (is_unknown(*analyzed)) {
        auto text = coerce(std::move(*analyzed), text_type());
        if (!text) return refuse(target.location, text.error());
        analyzed = std::move(*text);
    }
    query.targets.push_back({target_name(target), std::move(*analyzed)});
    return {};
}

Parsed<void> Analyzer::add_order(const PgQuery__SortBy& sort, Query& query, const Scope& scope) {
    OrderTerm term;
    term.descending = sort.sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
    term.nulls_first = sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT
                           ? term.descending
                           : sort.sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST;
    // ORDER BY may name an output column or its number.
    const PgQuery__Node& node = *sort.node;
    const Target* named = nullptr;
    if (node.node_case == PG_QUERY__NODE__NODE_COLUMN_REF && node.column_ref->n_fields == 1) {
        const std::string name = dotted_name(node.column_ref->fields, 1);
        for (const Target& target : query.targets) {
            if (target.name == name) named = &target;
        }
    }
    if (node.node_case == PG_QUERY__NODE__NODE_A_CONST &&
        node.a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL) {
        const auto number = static_cast<std::size_t>(node.a_const->ival->ival);
        if (number < 1 || number > query.targets.size()) {
            return refuse(node.a_const->location, "42P10",
                          "ORDER BY position is not in the select list");
        }
        named = &query.targets[number - 1];
    }
    auto key = named != nullptr ? Parsed<Expression>(named->expression) : expression(node, scope);
    if (!key) return std::unexpected(key.error());
    if (is_json(key->type) || key->type.array) {
        return not_carried(location_of(node), "ordering by this type",
                           "Order by a part of it, such as ->> 'key'.");
    }
    term.expression = orderable(std::move(*key));
    query.order_by.push_back(std::move(term));
    return {};
}

/// A key may be the number of an output column, or its name when no column has it.
Parsed<Expression> Analyzer::group_key(const PgQuery__Node& node, const Query& query,
                                       const Scope& scope) {
    if (node.node_case == PG_QUERY__NODE__NODE_A_CONST &&
        node.a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL) {
        const auto number = static_cast<std::size_t>(node.a_const->ival->ival);
        if (number >= 1 && number <= query.targets.size())
            return query.targets[number - 1].expression;
        return refuse(node.a_const->location, "42P10",
                      "GROUP BY position is not in the select list");
    }
    auto key = expression(node, scope);
    if (key || node.node_case != PG_QUERY__NODE__NODE_COLUMN_REF || node.column_ref->n_fields != 1)
        return key;
    const std::string name = dotted_name(node.column_ref->fields, 1);
    const auto named = std::ranges::find_if(
        query.targets, [&](const Target& target) { return target.name == name; });
    return named == query.targets.end() ? key : Parsed<Expression>(named->expression);
}

}  // namespace dunlin::sql
