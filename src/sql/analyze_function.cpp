#include <fmt/format.h>

#include <algorithm>

#include "sql/analyzer.h"
#include "sql/special_operators.h"

namespace dunlin::sql {

namespace {

using enum TypeKind;

/// A PostgreSQL function that is a call of ours.
struct Signature {
    std::string_view name;      // as written, without pg_catalog
    std::string_view function;  // ScalarFunction, or SQLite's own
    std::initializer_list<TypeKind> parameters;
    TypeKind result;
    std::size_t required = 99;  // arguments; more than parameters: all of them
};

constexpr std::initializer_list<TypeKind> none = {};
constexpr std::initializer_list<TypeKind> one_text = {Text};
constexpr std::initializer_list<TypeKind> two_texts = {Text, Text};
constexpr std::initializer_list<TypeKind> three_texts = {Text, Text, Text};
constexpr std::initializer_list<TypeKind> text_number = {Text, Int4};
constexpr std::initializer_list<TypeKind> text_two_numbers = {Text, Int4, Int4};
constexpr std::initializer_list<TypeKind> text_text_number = {Text, Text, Int4};
constexpr std::initializer_list<TypeKind> one_json = {Json};
constexpr std::initializer_list<TypeKind> one_jsonb = {Jsonb};
constexpr std::initializer_list<TypeKind> text_instant = {Text, TimestampTz};
constexpr std::initializer_list<TypeKind> text_timestamp = {Text, Timestamp};
constexpr std::initializer_list<TypeKind> text_time = {Text, Time};
constexpr std::initializer_list<TypeKind> text_interval = {Text, Interval};
constexpr std::initializer_list<TypeKind> two_integers = {Int8, Int8};
constexpr std::initializer_list<TypeKind> two_numerics = {Numeric, Numeric};
constexpr std::initializer_list<TypeKind> one_real = {Float8};
constexpr std::initializer_list<TypeKind> one_numeric = {Numeric};
constexpr std::initializer_list<TypeKind> numeric_number = {Numeric, Int4};
constexpr std::initializer_list<TypeKind> one_integer = {Int8};

constexpr std::initializer_list<TypeKind> two_instants = {TimestampTz, TimestampTz};
constexpr std::initializer_list<TypeKind> two_timestamps = {Timestamp, Timestamp};
constexpr std::initializer_list<TypeKind> one_instant = {TimestampTz};
constexpr std::initializer_list<TypeKind> one_timestamp = {Timestamp};

const Signature signatures[] = {
    {"age", "pg_age", two_instants, Interval},
    {"age", "pg_age", two_timestamps, Interval},
    {"age", "pg_age", one_instant, Interval},
    {"age", "pg_age", one_timestamp, Interval},
    {"auth.uid", "auth_uid", none, Uuid},
    {"auth.role", "auth_role", none, Text},
    {"auth.jwt", "auth_jwt", none, Jsonb},
    {"auth.email", "auth_email", none, Text},
    {"gen_random_uuid", "gen_random_uuid", none, Uuid},
    {"uuid_generate_v4", "gen_random_uuid", none, Uuid},
    {"extensions.uuid_generate_v4", "gen_random_uuid", none, Uuid},
    {"now", "pg_now", none, TimestampTz},
    {"transaction_timestamp", "pg_now", none, TimestampTz},
    {"statement_timestamp", "pg_now", none, TimestampTz},
    {"clock_timestamp", "pg_now", none, TimestampTz},
    {"lower", "pg_lower", one_text, Text},
    {"upper", "pg_upper", one_text, Text},
    {"length", "pg_length", one_text, Int4},
    {"char_length", "pg_length", one_text, Int4},
    {"character_length", "pg_length", one_text, Int4},
    {"btrim", "pg_btrim", two_texts, Text, 1},
    {"ltrim", "pg_ltrim", two_texts, Text, 1},
    {"rtrim", "pg_rtrim", two_texts, Text, 1},
    {"replace", "pg_replace", three_texts, Text},
    {"split_part", "pg_split_part", text_text_number, Text},
    {"substring", "pg_substring", text_two_numbers, Text, 2},
    {"substr", "pg_substring", text_two_numbers, Text, 2},
    {"left", "pg_left", text_number, Text},
    {"right", "pg_right", text_number, Text},
    {"position", "pg_position", two_texts, Int4},
    {"strpos", "pg_position", two_texts, Int4},
    {"starts_with", "pg_starts_with", two_texts, Bool},
    {"md5", "pg_md5", one_text, Text},
    {"date_trunc", "pg_date_trunc", text_instant, TimestampTz},
    {"date_trunc", "pg_date_trunc", text_timestamp, Timestamp},
    {"date_part", "pg_date_part", text_instant, Float8},
    {"date_part", "pg_date_part_time", text_time, Float8},
    {"date_part", "pg_date_part_interval", text_interval, Float8},
    {"extract", "pg_extract", text_instant, Numeric},
    {"extract", "pg_extract_time", text_time, Numeric},
    {"extract", "pg_extract_interval", text_interval, Numeric},
    {"jsonb_typeof", "pg_json_typeof", one_jsonb, Text},
    {"json_typeof", "pg_json_typeof", one_json, Text},
    {"jsonb_array_length", "pg_json_array_length", one_jsonb, Int4},
    {"json_array_length", "pg_json_array_length", one_json, Int4},
    {"abs", "pg_abs", one_integer, Int8},
    {"abs", "pg_abs", one_numeric, Numeric},
    {"abs", "pg_abs", one_real, Float8},
    {"mod", "pg_mod", two_integers, Int8},
    {"mod", "pg_numeric_mod", two_numerics, Numeric},
    {"round", "pg_numeric_round", numeric_number, Numeric, 1},
    {"round", "pg_round", one_real, Float8},
    {"trunc", "pg_numeric_trunc", numeric_number, Numeric, 1},
    {"trunc", "pg_trunc", one_real, Float8},
    {"ceil", "pg_numeric_ceil", one_numeric, Numeric},
    {"ceil", "pg_ceil", one_real, Float8},
    {"ceiling", "pg_numeric_ceil", one_numeric, Numeric},
    {"ceiling", "pg_ceil", one_real, Float8},
    {"floor", "pg_numeric_floor", one_numeric, Numeric},
    {"floor", "pg_floor", one_real, Float8},
};

constexpr std::string_view aggregates[] = {"count", "sum",      "min",    "max",
                                           "avg",   "bool_and", "bool_or"};

bool is_built_in(std::string_view name) {
    return std::ranges::any_of(signatures, [&](const Signature& s) { return s.name == name; }) ||
           std::ranges::find(aggregates, name) != std::end(aggregates);
}

std::string plain_name(const PgQuery__FuncCall& node) {
    std::string name = dotted_name(node.funcname, node.n_funcname);
    for (const std::string_view prefix : {"pg_catalog.", "public."}) {
        if (name.starts_with(prefix)) name.erase(0, prefix.size());
    }
    return name;
}

/// The arguments as the signature wants them; nothing when they do not fit.
std::optional<std::vector<Expression>> fit(const Signature& signature,
                                           const std::vector<Expression>& given) {
    const std::size_t required = std::min(signature.required, signature.parameters.size());
    if (given.size() < required || given.size() > signature.parameters.size()) return std::nullopt;
    std::vector<Expression> fitted;
    for (std::size_t i = 0; i < given.size(); ++i) {
        auto typed = coerce(given[i], {.kind = signature.parameters.begin()[i]});
        if (!typed) return std::nullopt;
        fitted.push_back(std::move(*typed));
    }
    return fitted;
}

/// Whether the arguments have the types of the signature, so that it goes before others they
/// convert to.
bool is_exact(const Signature& signature, const std::vector<Expression>& given) {
    for (std::size_t i = 0; i < given.size() && i < signature.parameters.size(); ++i) {
        if (!is_unknown(given[i]) && !is_scalar(given[i].type, signature.parameters.begin()[i]))
            return false;
    }
    return true;
}

std::string describe(const std::string& name, const std::vector<Expression>& arguments) {
    std::string list;
    for (const auto& argument : arguments) {
        if (!list.empty()) list += ", ";
        list += is_unknown(argument) ? "unknown" : sql_type_name(argument.type);
    }
    return fmt::format("function {}({}) does not exist", name, list);
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

/// current_setting('request.jwt.claims', true), the older way to auth.jwt().
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

Parsed<std::optional<Analyzer::UserCall>> Analyzer::whole_call(const PgQuery__Node& node,
                                                               const Scope& scope) {
    if (node.node_case != PG_QUERY__NODE__NODE_FUNC_CALL) return std::optional<UserCall>();
    const PgQuery__FuncCall& call = *node.func_call;
    if (call.over != nullptr || is_built_in(plain_name(call))) return std::optional<UserCall>();
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
    if (node.over != nullptr)
        return not_carried(node.location, "a window function", "Compute it in the application.");
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
    auto listed = list(node.args, node.n_args, scope);
    if (!listed) return std::unexpected(listed.error());
    std::vector<Expression> arguments = std::move(*listed);
    const bool arranged = node.agg_filter != nullptr || node.n_agg_order > 0;
    if (arranged && std::ranges::find(aggregates, name) == std::end(aggregates)) {
        return refuse(
            node.location, "42809",
            "ORDER BY and FILTER specified, but " + name + " is not an aggregate function",
            "Leave them out.");
    }
    if (std::find(std::begin(aggregates), std::end(aggregates), name) != std::end(aggregates)) {
        return aggregate(name, node, std::move(arguments), scope);
    }
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
    if ((name == "array_length" && arguments.size() == 2) ||
        (name == "cardinality" && arguments.size() == 1)) {
        if (arguments[0].type.array) {
            return make_call(name == "cardinality" ? "pg_cardinality" : "pg_array_length",
                             {.kind = Int4}, std::move(arguments));
        }
    }
    if (auto range = range_function(name, arguments, node.location)) return std::move(*range);
    if (auto search = search_function(name, arguments, node.location)) return std::move(*search);
    for (const bool exactly : {true, false}) {
        for (const Signature& signature : signatures) {
            if (signature.name != name || (exactly && !is_exact(signature, arguments))) continue;
            auto fitted = fit(signature, arguments);
            if (!fitted) continue;
            return make_call(std::string(signature.function), {.kind = signature.result},
                             std::move(*fitted));
        }
    }
    return refuse(node.location, "42883", describe(name, arguments),
                  "No function matches the given name and argument types; "
                  "docs/guide/sql-expressions.md lists "
                  "those that are known.");
}

Parsed<Expression> Analyzer::aggregate(const std::string& name, const PgQuery__FuncCall& node,
                                       std::vector<Expression> arguments, const Scope& scope) {
    if (!scope.aggregates) {
        return refuse(node.location, "42803", "aggregate functions are not allowed here");
    }
    Expression result{.kind = Expression::Kind::Aggregate, .type = {.kind = Int8}, .name = name};
    result.distinct = node.agg_distinct != 0;
    if (node.agg_star != 0) {
        auto arranged = arrange(node, result, scope);
        if (!arranged) return std::unexpected(arranged.error());
        return result;
    }
    if (arguments.size() != 1) return refuse(node.location, "42883", describe(name, arguments));
    const Type& type = arguments[0].type;
    if (name == "min" || name == "max") {
        const bool ordered = !type.array && type.kind != Json && type.kind != Jsonb &&
                             type.kind != Bool && type.kind != Uuid && type.kind != MacAddr &&
                             type.kind != TsVector && type.kind != TsQuery && !is_range(type);
        if (!ordered) return refuse(node.location, "42883", describe(name, arguments));
        if (type.kind == Enum) {
            return not_carried(node.location, name + " of an enum", "Use ORDER BY and LIMIT 1.");
        }
        result.type = type;
    }
    if (name == "bool_and" || name == "bool_or") result.type = bool_type();
    if (name == "sum" || name == "avg") {
        if (type.kind == Numeric) {
            return not_carried(node.location, name + " of numeric",
                               "Cast to double precision, or sum in the application.");
        }
        if (!is_number(type)) return refuse(node.location, "42883", describe(name, arguments));
        result.type =
            name == "avg" || !is_integer(type) ? Type{.kind = Float8} : Type{.kind = Int8};
    }
    result.arguments = std::move(arguments);
    auto arranged = arrange(node, result, scope);
    if (!arranged) return std::unexpected(arranged.error());
    return result;
}

}  // namespace dunlin::sql
