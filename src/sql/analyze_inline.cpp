// The body of a function in the place of its call.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/functions.h"
#include "core/limits.h"
#include "sql/analyzer.h"
#include "sql/expression_shift.h"
#include "sql/inlined.h"
#include "sql/plpgsql_inline.h"
#include "sql/routine_body.h"

namespace dunlin::sql {

namespace {

bool is_volatile(const Expression& e) {
    if (e.kind == Expression::Kind::Call) {
        const ScalarFunction* known = find_scalar_function(e.name);
        if (known != nullptr && !known->stable) return true;
    }
    return std::ranges::any_of(e.arguments, is_volatile);
}

bool is_one(const std::optional<Expression>& limit) {
    return limit && limit->kind == Expression::Kind::Literal &&
           limit->value == Value(std::int64_t{1});
}

/// STRICT: NULL when a parameter is.
Expression strict_value(Expression value, const std::vector<RowOrValue>& given) {
    Expression some_null = make_operator("or", bool_type(), {});
    for (const RowOrValue& one : given) {
        const auto* plain = std::get_if<Expression>(&one);
        if (plain == nullptr) continue;
        some_null.arguments.push_back(make_operator("is_null", bool_type(), {*plain}));
    }
    if (some_null.arguments.empty()) return value;
    if (some_null.arguments.size() == 1) some_null = Expression(some_null.arguments[0]);
    const Type type = value.type;
    return {.kind = Expression::Kind::Case,
            .type = type,
            .arguments = {std::move(some_null), make_literal(Value(), type), std::move(value)}};
}

std::unexpected<Refusal> not_inlined(const Function& function, int at, std::string_view why) {
    return not_carried(
        at, fmt::format("calling function \"{}\", {}, inside of a statement", function.name, why),
        "Call it with /rpc or from a trigger, or make it one SELECT.");
}

}  // namespace

/// The parameters of a function as names; fails for a call of itself or one too deep.
Parsed<RoutineNames> Analyzer::bind(const Function& function, std::vector<RowOrValue>& given,
                                    int at) {
    if (std::ranges::find(calls_, &function) != calls_.end())
        return not_inlined(function, at, "which calls itself");
    if (calls_.size() >= limits::inlined_calls_depth_max)
        return refuse(at, "54001", "stack depth limit exceeded",
                      "Call fewer functions inside of each other.");
    for (const RowOrValue& one : given) {
        const auto* plain = std::get_if<Expression>(&one);
        if (plain != nullptr && is_volatile(*plain)) {
            return not_carried(at, "a value that changes with each call as an argument",
                               "Call the function inside of it instead, or store the value first.");
        }
    }
    RoutineNames names(function.language == FunctionLanguage::Sql
                           ? RoutineNames::Conflict::ColumnFirst
                           : RoutineNames::Conflict::Refused);
    names.open(function.name);
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (!function.parameters[i].name.empty())
            names.declare(function.parameters[i].name, given[i]);
        names.add_parameter(given[i]);
    }
    return names;
}

/// While a body is analysed its own names hold and those of the caller do not.
class Analyzer::Inside {
public:
    Inside(Analyzer& analyzer, const Function& function, const RoutineNames& names)
        : analyzer_(analyzer),
          names_(std::exchange(analyzer.names_, &names)),
          definer_(
              std::exchange(analyzer.definer_, analyzer.definer_ || function.security_definer)),
          with_(std::exchange(analyzer.with_, {})) {
        analyzer_.calls_.push_back(&function);
    }
    ~Inside() {
        analyzer_.calls_.pop_back();
        analyzer_.names_ = names_;
        analyzer_.definer_ = definer_;
        analyzer_.with_ = std::move(with_);
    }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

private:
    Analyzer& analyzer_;
    const RoutineNames* names_;
    bool definer_;
    std::vector<WithQuery> with_;
};

Parsed<Expression> Analyzer::inlined(const Function& function, std::vector<RowOrValue> given,
                                     int at) {
    if (function.result != FunctionResult::Scalar || function.returns_set)
        return not_inlined(function, at, "which does not give one value");
    const Nesting nesting(depth_);
    if (auto shallow = require_shallow(at); !shallow) return std::unexpected(shallow.error());
    auto names = bind(function, given, at);
    if (!names) return std::unexpected(names.error());
    Parsed<Expression> value = Expression{};
    {
        const Inside inside(*this, function, *names);
        value = function.language == FunctionLanguage::Sql
                    ? inlined_select(function)
                    : plpgsql::inlined_body(*this, schema_, function, *names);
    }
    if (!value) return refuse(at, value.error().error);
    auto typed = assign(std::move(*value), function.result_type);
    if (!typed) return refuse(at, typed.error());
    return function.strict ? strict_value(std::move(*typed), given) : std::move(*typed);
}

Parsed<Expression> Analyzer::inlined_select(const Function& function) {
    auto tree = parse_sql_body(function);
    if (!tree) return std::unexpected(tree.error());
    const auto* select = only_select(*tree);
    if (select == nullptr) return not_inlined(function, -1, "which is not one SELECT");
    const Scope root{};
    if (const auto* value = bare_value(*select)) return expression(*value, root);
    auto rows = query(*select, &root);
    if (!rows) return std::unexpected(rows.error());
    if (rows->targets.size() != 1)
        return refuse(
            -1, "42P13",
            "return type mismatch in function declared to return " + result_name(function));
    // A function of one value gives its first row.
    if (!rows->limit || (rows->limit->kind == Expression::Kind::Literal &&
                         rows->limit->value.is_integer() && rows->limit->value.integer() > 1)) {
        rows->limit = make_literal(Value(std::int64_t{1}), {.kind = TypeKind::Int8});
    }
    if (!is_one(rows->limit)) return not_inlined(function, -1, "with a computed LIMIT");
    const Type type = rows->targets[0].expression.type;
    return Expression{.kind = Expression::Kind::ScalarQuery,
                      .type = type,
                      .query = std::make_shared<const Query>(std::move(*rows))};
}

Parsed<Query> Analyzer::inlined_rows(const Function& function, std::vector<RowOrValue> given,
                                     int at) {
    if (function.language != FunctionLanguage::Sql || function.strict)
        return not_inlined(function, at, "which is not one SELECT in language sql");
    auto names = bind(function, given, at);
    if (!names) return std::unexpected(names.error());
    const Inside inside(*this, function, *names);
    auto tree = parse_sql_body(function);
    if (!tree) return refuse(at, tree.error().error);
    const auto* select = only_select(*tree);
    if (select == nullptr) return not_inlined(function, at, "which is not one SELECT");
    const Scope root{};
    auto rows = query(*select, &root);
    if (!rows) return refuse(at, rows.error().error);
    auto fitted = fit_result(schema_, function, std::move(*rows));
    if (!fitted) return refuse(at, fitted.error().error);
    return fitted;
}

}  // namespace dunlin::sql
