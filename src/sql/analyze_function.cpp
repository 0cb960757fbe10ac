#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer.h"
#include "sql/array_functions.h"
#include "sql/function_signatures.h"
#include "sql/rows_functions.h"
#include "sql/special_operators.h"

namespace dunlin::sql {

namespace {

using enum TypeKind;

bool is_built_in(std::string_view name) {
    return has_signature(name) || is_aggregate(name) || is_array_function(name) ||
           is_rows_function(name);
}

std::string describe(const std::string& name, const std::vector<Expression>& arguments) {
    std::string list;
    for (const auto& argument : arguments) {
        if (!list.empty()) list += ", ";
        list += is_unknown(argument) ? "unknown" : sql_type_name(argument.type);
    }
    return fmt::format("function {}({}) does not exist", name, list);
}

/// PostgreSQL works these out in numeric, to digits of its own choice.
bool is_inexact(std::string_view name, const std::vector<Expression>& arguments) {
    constexpr std::string_view names[] = {"power", "pow", "sqrt", "exp", "ln", "log", "log10"};
    return std::ranges::find(names, name) != std::end(names) &&
           std::ranges::any_of(arguments,
                               [](const Expression& e) { return is_scalar(e.type, Numeric); });
}

/// jsonb_extract_path(json, step, …) and its kin.
std::optional<Parsed<Expression>> json_path(const std::string& name,
                                            const std::vector<Expression>& arguments,
                                            int location) {
    const bool binary = name.starts_with("jsonb_extract_path");
    if ((!binary && !name.starts_with("json_extract_path")) || arguments.size() < 2)
        return std::nullopt;
    const Type type{.kind = binary ? Jsonb : Json};
    auto json = coerce(arguments[0], type);
    if (!json) return refuse(location, json.error());
    Expression path = make_call("pg_array_build", {.kind = Text, .array = true},
                                {make_literal(Value("text"), text_type())});
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        auto step = coerce(arguments[i], text_type());
        if (!step) return refuse(location, step.error());
        path.arguments.push_back(std::move(*step));
    }
    const bool text = name.ends_with("_text");
    return make_call(text ? "pg_json_path_text" : "pg_json_path", text ? text_type() : type,
                     {std::move(*json), std::move(path)});
}

/// concat() prints a boolean as t or f, unlike the cast to text.
Expression short_boolean(Expression value) {
    Expression isnt = make_operator("not", bool_type(), {value});
    return {
        .kind = Expression::Kind::Case,
        .type = text_type(),
        .arguments = {std::move(value), make_literal(Value("t"), text_type()), std::move(isnt),
                      make_literal(Value("f"), text_type()), make_literal(Value(), text_type())}};
}

/// concat and concat_ws take anything that prints.
Parsed<Expression> concatenation(const std::string& name, std::vector<Expression> arguments,
                                 int location) {
    for (auto& argument : arguments) {
        if (is_scalar(argument.type, Bool)) argument = short_boolean(std::move(argument));
        if (is_scalar(argument.type, Char)) argument.type = text_type();  // with its padding
        auto text = cast(std::move(argument), text_type());
        if (!text) return refuse(location, text.error());
        argument = std::move(*text);
    }
    return make_call(name == "concat" ? "pg_concat_all" : "pg_concat_ws", text_type(),
                     std::move(arguments));
}

/// current_setting('request.jwt.claims', true), the older way to auth.jwt() and its kin.
std::optional<Expression> setting(const std::vector<Expression>& arguments) {
    if (arguments.empty() || arguments[0].kind != Expression::Kind::Literal ||
        !arguments[0].value.is_text()) {
        return std::nullopt;
    }
    const std::string& name = arguments[0].value.text();
    if (name == "request.jwt.claims")
        return cast(make_call("auth_jwt", {.kind = Jsonb}, {}), text_type()).value();
    if (name == "request.jwt.claim.sub")
        return cast(make_call("auth_uid", {.kind = Uuid}, {}), text_type()).value();
    if (name == "request.jwt.claim.role" || name == "role")
        return make_call("auth_role", text_type(), {});
    if (name == "realtime.topic") return make_call("realtime_topic", text_type(), {});
    return std::nullopt;
}

/// `now() at time zone 'utc'`, which is how it is written for columns without a zone. Other zones
/// need their tables.
Parsed<Expression> at_time_zone(std::vector<Expression> arguments, int location) {
    const bool known =
        arguments[0].kind == Expression::Kind::Literal && arguments[0].value.is_text();
    const std::string zone = known ? arguments[0].value.text() : "";
    constexpr std::string_view utc[] = {"utc", "UTC", "Etc/UTC", "gmt", "GMT", "Z", "z"};
    if (std::find(std::begin(utc), std::end(utc), zone) == std::end(utc)) {
        return not_carried(location, "AT TIME ZONE of a zone other than UTC",
                           "Keep UTC; convert where it is shown.");
    }
    Expression value = std::move(arguments[1]);
    if (is_scalar(value.type, Date)) {
        auto instant = cast(std::move(value), {.kind = TimestampTz});
        if (!instant) return refuse(location, instant.error());
        value = std::move(*instant);
    }
    if (!is_instant(value.type)) return refuse(location, "42883", describe("timezone", arguments));
    value.type.kind = value.type.kind == TimestampTz ? Timestamp : TimestampTz;
    return value;
}

}  // namespace

std::string plain_name(const PgQuery__FuncCall& node) {
    std::string name = dotted_name(node.funcname, node.n_funcname);
    for (const std::string_view prefix : {"pg_catalog.", "public.", "extensions."}) {
        if (name.starts_with(prefix)) name.erase(0, prefix.size());
    }
    return name;
}

Parsed<std::optional<Analyzer::UserCall>> Analyzer::whole_call(const PgQuery__Node& node,
                                                               const Scope& scope) {
    if (node.node_case != PG_QUERY__NODE__NODE_FUNC_CALL) return std::optional<UserCall>();
    const PgQuery__FuncCall& call = *node.func_call;
    if (call.over != nullptr) return std::optional<UserCall>();
    // One of the project only where the built-in one of its name does not fit.
    if (is_built_in(plain_name(call)) && this->call(call, scope)) return std::optional<UserCall>();
    return resolve_call(call, scope);
}

Parsed<Expression> Analyzer::trigger_depth(int at) {
    const std::string name[] = {std::string(trigger_depth_name)};
    if (names_ != nullptr) {
        if (const auto found = names_->find(name); found.value != nullptr) return *found.value;
    }
    return not_carried(at, "pg_trigger_depth() here",
                       "Ask it in the body of a function or in WHEN of a trigger.");
}

Parsed<Expression> Analyzer::call(const PgQuery__FuncCall& node, const Scope& scope) {
    const std::string name = plain_name(node);
    if (node.over != nullptr) return window_call(name, node, scope);
    if (name == "pg_trigger_depth" && node.n_args == 0) return trigger_depth(node.location);
    // The built-in functions of a name go before those of the project, as pg_catalog does.
    if (!is_built_in(name)) {
        auto own = user_call(node, scope);
        if (!own) return std::unexpected(own.error());
        if (*own) return std::move(**own);
    }
    auto json = json_call(name, node, scope);
    if (!json) return std::unexpected(json.error());
    if (*json) return std::move(**json);
    if (is_aggregate(name)) return aggregate(name, node, scope);
    if (is_rows_function(name)) return rows_in_list(name, node, scope);
    if (is_window_function(name))
        return refuse(node.location, "42809",
                      "window function " + name + " requires an OVER clause",
                      "Write OVER (…) behind it.");
    if (node.agg_filter != nullptr || node.n_agg_order > 0) {
        return refuse(
            node.location, "42809",
            "ORDER BY and FILTER specified, but " + name + " is not an aggregate function",
            "Leave them out.");
    }
    if (name == "pg_notify") {
        return not_carried(node.location, "pg_notify()",
                           "Leave it out: who follows a table hears of every commit.");
    }
    auto listed = list(node.args, node.n_args, scope);
    if (!listed) return std::unexpected(listed.error());
    std::vector<Expression> arguments = std::move(*listed);
    if ((name == "concat" || name == "concat_ws") && !arguments.empty()) {
        return concatenation(name, std::move(arguments), node.location);
    }
    if (name == "timezone" && arguments.size() == 2)
        return at_time_zone(std::move(arguments), node.location);
    if (name == "current_setting") {
        if (auto known = setting(arguments)) return std::move(*known);
        return not_carried(node.location, "current_setting() of this name",
                           "Use auth.jwt(), auth.uid() or auth.role().");
    }
    const auto own = [&]() -> std::optional<Expression> {
        // One of the project may have the name of a built-in one, with other parameters.
        auto called = is_built_in(name) ? user_call(node, scope) : std::nullopt;
        return called && *called ? std::move(*called) : std::nullopt;
    };
    if (auto array = array_function(name, arguments, node.location)) {
        auto instead = *array ? std::nullopt : own();
        return instead ? std::move(*instead) : std::move(*array);
    }
    if (auto path = json_path(name, arguments, node.location)) return std::move(*path);
    if (auto range = range_function(name, arguments, node.location)) return std::move(*range);
    if (auto search = search_function(name, arguments, node.location)) return std::move(*search);
    if (is_inexact(name, arguments)) {
        return not_carried(node.location, name + "() of numeric", "Cast to double precision.");
    }
    if (auto made = call_by_signature(name, arguments)) return std::move(*made);
    if (auto instead = own()) return std::move(*instead);
    return refuse(node.location, "42883", describe(name, arguments),
                  "No function matches the given name and argument types; "
                  "docs/guide/sql-expressions.md lists "
                  "those that are known.");
}

}  // namespace dunlin::sql
