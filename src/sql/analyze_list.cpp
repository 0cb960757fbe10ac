// Expressions of several values that meet in one type: CASE, COALESCE, GREATEST, ARRAY[].
#include <fmt/format.h>

#include "core/functions/type_spec.h"
#include "sql/analyzer.h"

namespace dunlin::sql {

Parsed<std::vector<Expression>> Analyzer::list(PgQuery__Node* const* nodes, std::size_t count,
                                               const Scope& scope) {
    std::vector<Expression> values;
    for (std::size_t i = 0; i < count; ++i) {
        auto value = expression(*nodes[i], scope);
        if (!value) return std::unexpected(value.error());
        values.push_back(std::move(*value));
    }
    return values;
}

namespace {

Parsed<void> unify_values(std::vector<Expression>& values, std::string_view what, int location) {
    const auto unified = unify_all(values);
    if (!unified) return refuse(location, unified.error());
    if (!*unified) return refuse(location, "42804", fmt::format("{} types do not match", what));
    return {};
}

}  // namespace

Parsed<Expression> Analyzer::case_of(const PgQuery__CaseExpr& node, const Scope& around) {
    Scope scope = around;
    scope.rows_into = nullptr;  // a function that gives rows would give them for every branch
    std::vector<Expression> tests;
    std::vector<Expression> values;
    for (std::size_t i = 0; i < node.n_args; ++i) {
        const PgQuery__CaseWhen& when = *node.args[i]->case_when;
        Parsed<Expression> test = node.arg == nullptr ? condition(*when.expr, scope, "CASE/WHEN")
                                                      : expression(*when.expr, scope);
        if (test && node.arg != nullptr) {
            auto subject = expression(*node.arg, scope);
            if (!subject) return subject;
            test = comparison("=", std::move(*subject), std::move(*test), when.location);
        }
        if (!test) return test;
        auto value = expression(*when.result, scope);
        if (!value) return value;
        tests.push_back(std::move(*test));
        values.push_back(std::move(*value));
    }
    auto otherwise = node.defresult == nullptr ? Parsed<Expression>(make_unknown(Value()))
                                               : expression(*node.defresult, scope);
    if (!otherwise) return otherwise;
    values.push_back(std::move(*otherwise));
    if (auto done = unify_values(values, "CASE", node.location); !done)
        return std::unexpected(done.error());
    Expression result{.kind = Expression::Kind::Case, .type = values[0].type};
    for (std::size_t i = 0; i < tests.size(); ++i) {
        result.arguments.push_back(std::move(tests[i]));
        result.arguments.push_back(std::move(values[i]));
    }
    result.arguments.push_back(std::move(values.back()));
    return result;
}

Parsed<Expression> Analyzer::coalesce(const PgQuery__CoalesceExpr& node, const Scope& around) {
    Scope scope = around;
    scope.rows_into = nullptr;
    auto values = list(node.args, node.n_args, scope);
    if (!values) return std::unexpected(values.error());
    if (auto done = unify_values(*values, "COALESCE", node.location); !done)
        return std::unexpected(done.error());
    if (values->size() == 1) return std::move(values->front());
    const Type type = values->front().type;
    return make_call("coalesce", type, std::move(*values));
}

Parsed<Expression> Analyzer::greatest(const PgQuery__MinMaxExpr& node, const Scope& scope) {
    const bool most = node.op == PG_QUERY__MIN_MAX_OP__IS_GREATEST;
    auto values = list(node.args, node.n_args, scope);
    if (!values) return std::unexpected(values.error());
    if (auto done = unify_values(*values, most ? "GREATEST" : "LEAST", node.location); !done) {
        return std::unexpected(done.error());
    }
    const Type type = values->front().type;
    if (type.kind == TypeKind::Enum || type.array) {
        return not_carried(node.location, "GREATEST and LEAST of this type",
                           "Write a CASE expression.");
    }
    values->insert(values->begin(), make_literal(Value(functions::type_spec(type)), text_type()));
    return make_call(most ? "pg_greatest" : "pg_least", type, std::move(*values));
}

Parsed<Expression> Analyzer::array(const PgQuery__AArrayExpr& node, const Scope& scope) {
    auto elements = list(node.elements, node.n_elements, scope);
    if (!elements) return std::unexpected(elements.error());
    if (elements->empty()) return make_unknown(Value("{}"));
    if (auto done = unify_values(*elements, "ARRAY", node.location); !done)
        return std::unexpected(done.error());
    Type type = elements->front().type;
    if (type.array) return not_carried(node.location, "an array of arrays", "Use jsonb.");
    elements->insert(elements->begin(),
                     make_literal(Value(functions::type_spec(type)), text_type()));
    type.array = true;
    return make_call("pg_array_build", type, std::move(*elements));
}

}  // namespace dunlin::sql
