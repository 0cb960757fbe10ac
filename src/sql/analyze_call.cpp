// Calls of the project's own functions: which one is meant, and what stands for its parameters.
#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer.h"

namespace dunlin::sql {

namespace {

std::pair<std::string, std::string> function_name(const PgQuery__FuncCall& node) {
    const std::string full = dotted_name(node.funcname, node.n_funcname);
    const auto dot = full.rfind('.');
    if (dot == full.npos) return {"public", full};
    return {full.substr(0, dot), full.substr(dot + 1)};
}

/// An argument as written.
struct Given {
    std::string name;  // of `name => value`
    RowOrValue value;
};

/// How well a function fits: its parameters in order and how many types are just those given.
struct Fit {
    const Function* function = nullptr;
    std::vector<std::optional<RowOrValue>> values;  // nothing: the default
    std::size_t exact = 0;
    std::size_t text = 0;  // literals without a type that are taken as text
};

std::optional<std::size_t> place_of(const Function& function, const Given& given, std::size_t at) {
    if (given.name.empty())
        return at < function.parameters.size() ? std::optional(at) : std::nullopt;
    for (std::size_t i = 0; i < function.parameters.size(); ++i) {
        if (function.parameters[i].name == given.name) return i;
    }
    return std::nullopt;
}

/// PostgreSQL declares NEW and OLD of realtime.broadcast_changes as records; here they come as
/// JSON, so that one function serves the rows of every table.
bool takes_any_row(const Function& function, const Parameter& parameter) {
    return function.schema == "realtime" && is_scalar(parameter.type, TypeKind::Jsonb);
}

bool fits(const Function& function, const Parameter& parameter, const RowOrValue& given, Fit& fit) {
    if (const auto* row = std::get_if<RowValue>(&given)) {
        if (takes_any_row(function, parameter)) return true;
        const bool same =
            row->table != nullptr && row->table->storage_name() == parameter.row_table;
        fit.exact += same ? 1 : 0;
        return same;
    }
    if (!parameter.row_table.empty()) return false;
    const auto& value = std::get<Expression>(given);
    if (!coerce(value, parameter.type)) return false;
    if (is_unknown(value)) {
        fit.text += is_text(parameter.type) ? 1 : 0;
        return true;
    }
    const bool exact = value.type.kind == parameter.type.kind &&
                       value.type.array == parameter.type.array &&
                       value.type.enum_name == parameter.type.enum_name;
    fit.exact += exact ? 1 : 0;
    return true;
}

std::optional<Fit> fit_of(const Function& function, const std::vector<Given>& given) {
    Fit fit{.function = &function, .values = {}};
    fit.values.resize(function.parameters.size());
    for (std::size_t i = 0; i < given.size(); ++i) {
        const auto place = place_of(function, given[i], i);
        if (!place || fit.values[*place]) return std::nullopt;
        if (!fits(function, function.parameters[*place], given[i].value, fit)) return std::nullopt;
        fit.values[*place] = given[i].value;
    }
    for (std::size_t i = 0; i < fit.values.size(); ++i) {
        if (!fit.values[i] && function.parameters[i].default_text.empty()) return std::nullopt;
    }
    return fit;
}

std::string described(const std::string& name, const std::vector<Given>& given) {
    std::string list;
    for (const Given& one : given) {
        if (!list.empty()) list += ", ";
        if (!one.name.empty()) list += one.name + " => ";
        const auto* value = std::get_if<Expression>(&one.value);
        list += value == nullptr     ? std::get<RowValue>(one.value).table != nullptr
                                           ? std::get<RowValue>(one.value).table->name
                                           : "record"
                : is_unknown(*value) ? "unknown"
                                     : sql_type_name(value->type);
    }
    return fmt::format("function {}({})", name, list);
}

/// The best of those that fit; several that are as good are refused.
Parsed<const Fit*> best_of(const std::vector<Fit>& fits, const std::string& what, int at) {
    const auto rank = [](const Fit& fit) { return std::pair(fit.exact, fit.text); };
    const auto best = std::ranges::max_element(
        fits, [&](const Fit& a, const Fit& b) { return rank(a) < rank(b); });
    const auto as_good =
        std::ranges::count_if(fits, [&](const Fit& fit) { return rank(fit) == rank(*best); });
    if (as_good == 1) return &*best;
    return refuse(at, "42725", what + " is not unique",
                  "Could not choose a best candidate function. You might need to add explicit type "
                  "casts.");
}

}  // namespace

Parsed<std::optional<Analyzer::UserCall>> Analyzer::resolve_call(const PgQuery__FuncCall& node,
                                                                 const Scope& scope) {
    const auto name = function_name(node);
    const auto overloads = schema_.functions.find(name);
    if (overloads == schema_.functions.end()) return std::optional<UserCall>();
    if (node.func_variadic != 0) return not_carried(node.location, "VARIADIC", "Pass an array.");
    std::vector<Given> given;
    for (std::size_t i = 0; i < node.n_args; ++i) {
        const PgQuery__Node* argument = node.args[i];
        Given one;
        if (argument->node_case == PG_QUERY__NODE__NODE_NAMED_ARG_EXPR) {
            one.name = argument->named_arg_expr->name;
            argument = argument->named_arg_expr->arg;
        }
        if (auto whole = row(*argument, scope)) {
            one.value = std::move(*whole);
        } else {
            auto value = expression(*argument, scope);
            if (!value) return std::unexpected(value.error());
            one.value = std::move(*value);
        }
        given.push_back(std::move(one));
    }
    std::vector<Fit> fitting;
    for (const Function& function : overloads->second) {
        if (auto fit = fit_of(function, given)) fitting.push_back(std::move(*fit));
    }
    const std::string shown = name.first == "public" ? name.second : name.first + "." + name.second;
    const std::string what = described(shown, given);
    if (fitting.empty()) {
        return refuse(node.location, "42883", what + " does not exist",
                      "No function matches the given name and argument types. You might need to "
                      "add explicit type casts.");
    }
    auto best = best_of(fitting, what, node.location);
    if (!best) return std::unexpected(best.error());
    UserCall call{.function = (*best)->function, .given = {}};
    for (std::size_t i = 0; i < (*best)->values.size(); ++i) {
        const Parameter& parameter = call.function->parameters[i];
        if ((*best)->values[i]) {
            RowOrValue value = *(*best)->values[i];
            if (takes_any_row(*call.function, parameter)) {
                if (const auto* row = std::get_if<RowValue>(&value)) value = row_as_jsonb(*row);
            }
            if (auto* plain = std::get_if<Expression>(&value)) {
                auto typed = coerce(std::move(*plain), parameter.type);
                if (!typed) return refuse(node.location, typed.error());
                value = std::move(*typed);
            }
            call.given.push_back(std::move(value));
            continue;
        }
        auto value = analyze_expression(schema_, nullptr, parameter.default_text, &parameter.type);
        if (!value) return refuse(node.location, value.error().error);
        call.given.emplace_back(std::move(*value));
    }
    return std::optional(std::move(call));
}

Parsed<std::optional<Expression>> Analyzer::user_call(const PgQuery__FuncCall& node,
                                                      const Scope& scope) {
    auto call = resolve_call(node, scope);
    if (!call) return std::unexpected(call.error());
    if (!*call) return std::optional<Expression>();
    auto value = inlined(*(*call)->function, std::move((*call)->given), node.location);
    if (value) return std::optional(std::move(*value));
    Refusal refusal = value.error();
    if (in_routine_ && calls_.empty() && refusal.error.sqlstate == "0A000")
        refusal.error.hint = "In a body, assign it to a variable first: v := f(…).";
    return std::unexpected(std::move(refusal));
}

/// `row.f` is `f(row)` when the row has no such column.
Parsed<std::optional<Expression>> Analyzer::computed_field(const PgQuery__ColumnRef& node,
                                                           const Scope& scope) {
    if (node.n_fields != 2) return std::optional<Expression>();
    const std::string name = dotted_name(node.fields + 1, 1);
    const auto overloads = schema_.functions.find({"public", name});
    if (overloads == schema_.functions.end()) return std::optional<Expression>();
    PgQuery__ColumnRef reference = node;
    reference.n_fields = 1;
    PgQuery__Node row_node = PG_QUERY__NODE__INIT;
    row_node.node_case = PG_QUERY__NODE__NODE_COLUMN_REF;
    row_node.column_ref = &reference;
    auto whole = row(row_node, scope);
    if (!whole || whole->table == nullptr) return std::optional<Expression>();
    for (const Function& function : overloads->second) {
        if (function.parameters.size() != 1 ||
            function.parameters[0].row_table != whole->table->storage_name())
            continue;
        auto value = inlined(function, {std::move(*whole)}, node.location);
        if (!value) return std::unexpected(value.error());
        return std::optional(std::move(*value));
    }
    return std::optional<Expression>();
}

}  // namespace dunlin::sql
