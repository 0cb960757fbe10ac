#include <fmt/format.h>

#include "core/codec.h"
#include "core/limits.h"
#include "sql/analyzer.h"

namespace dunlin::sql {

namespace {

constexpr const char* bool_tests[] = {
    "", "is_true", "is_not_true", "is_false", "is_not_false", "is_null", "is_not_null"};

}  // namespace

std::unexpected<Refusal> refuse(int offset, Error error) {
    return std::unexpected(Refusal{std::move(error), offset});
}

std::unexpected<Refusal> refuse(int offset, std::string_view sqlstate, std::string message,
                                std::string hint) {
    return refuse(offset, sql_error(sqlstate, std::move(message), "", std::move(hint)));
}

std::unexpected<Refusal> not_carried(int offset, std::string what, std::string hint) {
    return refuse(offset, "0A000", what + " is not supported on SQLite", std::move(hint));
}

std::string dotted_name(PgQuery__Node* const* nodes, std::size_t count) {
    std::string name;
    for (std::size_t i = 0; i < count; ++i) {
        if (nodes[i]->node_case != PG_QUERY__NODE__NODE_STRING) continue;
        if (!name.empty()) name.push_back('.');
        name += nodes[i]->string->sval;
    }
    return name;
}

int location_of(const PgQuery__Node& node) {
    switch (node.node_case) {
        case PG_QUERY__NODE__NODE_A_CONST:
            return node.a_const->location;
        case PG_QUERY__NODE__NODE_COLUMN_REF:
            return node.column_ref->location;
        case PG_QUERY__NODE__NODE_A_EXPR:
            return node.a_expr->location;
        case PG_QUERY__NODE__NODE_FUNC_CALL:
            return node.func_call->location;
        case PG_QUERY__NODE__NODE_TYPE_CAST: {
            const PgQuery__Node* inner = &node;  // casts of casts, any number of them
            while (inner->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
                inner = inner->type_cast->arg;
            return location_of(*inner);
        }
        case PG_QUERY__NODE__NODE_SUB_LINK:
            return node.sub_link->location;
        case PG_QUERY__NODE__NODE_BOOL_EXPR:
            return node.bool_expr->location;
        case PG_QUERY__NODE__NODE_CASE_EXPR:
            return node.case_expr->location;
        case PG_QUERY__NODE__NODE_RANGE_VAR:
            return node.range_var->location;
        default:
            return -1;
    }
}

Parsed<void> Analyzer::require_shallow(int offset) const {
    if (depth_ <= limits::expression_depth_max) return {};
    return refuse(offset, "54001", "stack depth limit exceeded",
                  fmt::format("Nest at most {} levels.", limits::expression_depth_max));
}

Parsed<Expression> Analyzer::expression(const PgQuery__Node& node, const Scope& scope) {
    const Nesting nesting(depth_);
    if (auto shallow = require_shallow(-1); !shallow) return std::unexpected(shallow.error());
    switch (node.node_case) {
        case PG_QUERY__NODE__NODE_A_CONST:
            return constant(*node.a_const);
        case PG_QUERY__NODE__NODE_COLUMN_REF:
            return column(*node.column_ref, scope);
        case PG_QUERY__NODE__NODE_PARAM_REF:
            return parameter(*node.param_ref, scope);
        case PG_QUERY__NODE__NODE_A_INDIRECTION:
            return indirection(*node.a_indirection, scope);
        case PG_QUERY__NODE__NODE_TYPE_CAST:
            return type_cast(*node.type_cast, scope);
        case PG_QUERY__NODE__NODE_A_EXPR:
            return operation(*node.a_expr, scope);
        case PG_QUERY__NODE__NODE_BOOL_EXPR:
            return boolean(*node.bool_expr, scope);
        case PG_QUERY__NODE__NODE_CASE_EXPR:
            return case_of(*node.case_expr, scope);
        case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
            return array(*node.a_array_expr, scope);
        case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
            return value_function(*node.sqlvalue_function);
        case PG_QUERY__NODE__NODE_FUNC_CALL:
            return call(*node.func_call, scope);
        case PG_QUERY__NODE__NODE_SUB_LINK:
            return subquery(*node.sub_link, scope);
        case PG_QUERY__NODE__NODE_COALESCE_EXPR:
            return coalesce(*node.coalesce_expr, scope);
        case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
            return greatest(*node.min_max_expr, scope);
        case PG_QUERY__NODE__NODE_NULL_TEST: {
            auto argument = expression(*node.null_test->arg, scope);
            if (!argument) return argument;
            const bool is_null = node.null_test->nulltesttype == PG_QUERY__NULL_TEST_TYPE__IS_NULL;
            return make_operator(is_null ? "is_null" : "is_not_null", bool_type(),
                                 {std::move(*argument)});
        }
        case PG_QUERY__NODE__NODE_BOOLEAN_TEST: {
            auto argument = condition(*node.boolean_test->arg, scope, "IS TRUE");
            if (!argument) return argument;
            const auto test = static_cast<std::size_t>(node.boolean_test->booltesttype);
            if (test >= std::size(bool_tests)) return refuse(-1, "0A000", "unknown boolean test");
            return make_operator(bool_tests[test], bool_type(), {std::move(*argument)});
        }
        default:
            return not_carried(location_of(node), "this expression", "Write it in another way.");
    }
}

Parsed<Expression> Analyzer::condition(const PgQuery__Node& node, const Scope& scope,
                                       std::string_view where) {
    auto analyzed = expression(node, scope);
    if (!analyzed) return analyzed;
    if (is_unknown(*analyzed)) {
        auto typed = coerce(std::move(*analyzed), bool_type());
        if (!typed) return refuse(location_of(node), typed.error());
        return std::move(*typed);
    }
    if (analyzed->type.kind != TypeKind::Bool || analyzed->type.array) {
        return refuse(location_of(node), "42804",
                      fmt::format("argument of {} must be type boolean, not type {}", where,
                                  sql_type_name(analyzed->type)));
    }
    return analyzed;
}

Parsed<Expression> Analyzer::constant(const PgQuery__AConst& node) {
    if (node.isnull) return make_unknown(Value());
    switch (node.val_case) {
        case PG_QUERY__A__CONST__VAL_IVAL:
            return make_literal(Value(std::int64_t{node.ival->ival}), {.kind = TypeKind::Int4});
        case PG_QUERY__A__CONST__VAL_FVAL: {
            const std::string text = node.fval->fval;
            const bool whole = text.find_first_not_of("-0123456789") == text.npos;
            for (const TypeKind kind : {TypeKind::Int4, TypeKind::Int8, TypeKind::Numeric}) {
                if (kind != TypeKind::Numeric && !whole) continue;
                auto value = codec::parse_text({.kind = kind}, text);
                if (value) return make_literal(std::move(*value), {.kind = kind});
            }
            return refuse(node.location, "22003", "a number is out of range");
        }
        case PG_QUERY__A__CONST__VAL_BOOLVAL:
            return make_literal(Value::boolean(node.boolval->boolval != 0), bool_type());
        case PG_QUERY__A__CONST__VAL_SVAL:
            return make_unknown(Value(node.sval->sval));
        default:
            return not_carried(node.location, "a bit string", "Use an integer or text.");
    }
}

Parsed<Expression> Analyzer::type_cast(const PgQuery__TypeCast& node, const Scope& scope) {
    // `null::void` is how a body in SQL gives nothing.
    const std::string name = dotted_name(node.type_name->names, node.type_name->n_names);
    const bool null =
        node.arg->node_case == PG_QUERY__NODE__NODE_A_CONST && node.arg->a_const->isnull;
    if (null && (name == "void" || name == "pg_catalog.void"))
        return make_literal(Value(), text_type());
    auto target = type(*node.type_name);
    if (!target) return std::unexpected(target.error());
    auto argument = expression(*node.arg, scope);
    if (!argument) return argument;
    auto done = cast(std::move(*argument), *target);
    if (!done) return refuse(location_of(*node.arg), done.error());
    return std::move(*done);
}

Parsed<Expression> Analyzer::boolean(const PgQuery__BoolExpr& node, const Scope& scope) {
    const bool negates = node.boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR;
    const bool both = node.boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR;
    Expression result = make_operator(negates ? "not" : both ? "and" : "or", bool_type(), {});
    for (std::size_t i = 0; i < node.n_args; ++i) {
        auto argument = condition(*node.args[i], scope, negates ? "NOT" : both ? "AND" : "OR");
        if (!argument) return argument;
        result.arguments.push_back(std::move(*argument));
    }
    return result;
}

Parsed<Expression> Analyzer::value_function(const PgQuery__SQLValueFunction& node) {
    switch (node.op) {
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE:
            return make_call("pg_today", {.kind = TypeKind::Date}, {});
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP:
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N:
            return make_call("pg_now", {.kind = TypeKind::TimestampTz}, {});
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP:
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N:
            return make_call("pg_now", {.kind = TypeKind::Timestamp}, {});
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_USER:
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_ROLE:
            return make_call("auth_role", text_type(), {});
        default:
            return not_carried(node.location, "this function", "Use now() or current_date.");
    }
}

Parsed<Expression> analyze_expression(const Schema& schema, const Table* table,
                                      const PgQuery__Node& node, const Type* target) {
    Query around;
    if (table != nullptr) around.relations.push_back({table, table->name});
    Analyzer analyzer(schema);
    auto analyzed = analyzer.expression(node, {.query = &around});
    if (!analyzed) return analyzed;
    if (target == nullptr) {
        if (!is_unknown(*analyzed)) return analyzed;
        auto text = coerce(std::move(*analyzed), text_type());
        if (!text) return refuse(location_of(node), text.error());
        return std::move(*text);
    }
    auto typed = assign(std::move(*analyzed), *target);
    if (!typed) return refuse(location_of(node), typed.error());
    return std::move(*typed);
}

Parsed<Expression> analyze_expression(const Schema& schema, const Table* table,
                                      std::string_view text, const Type* target) {
    const auto tree = parse("select " + std::string(text));
    if (!tree) return std::unexpected(tree.error());
    const auto statements = tree->statements();
    const auto* node = statements.size() == 1 ? statements[0]->stmt : nullptr;
    if (node == nullptr || node->node_case != PG_QUERY__NODE__NODE_SELECT_STMT ||
        node->select_stmt->n_target_list != 1) {
        return refuse(0, "42601", "an expression was expected");
    }
    return analyze_expression(schema, table, *node->select_stmt->target_list[0]->res_target->val,
                              target);
}

}  // namespace dunlin::sql
