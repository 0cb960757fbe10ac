#include "sql/rows_functions.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/functions/type_spec.h"

namespace dunlin::sql {

namespace {

using enum TypeKind;

/// A function of fixed types that gives one column, or a key and a value.
struct Entry {
    std::string_view name;
    std::string_view function;
    std::vector<Type> parameters;
    std::size_t required;
    Type result;
    std::string_view column = "";  // its name; "" for that of the function or its alias
    bool has_key = false;
    bool named = false;  // ours has the name of the function as a last argument
};

const std::vector<Entry>& entries() {
    const Type text{.kind = Text}, json{.kind = Json}, jsonb{.kind = Jsonb};
    const Type text_array{.kind = Text, .array = true};
    const Type int4{.kind = Int4}, int8{.kind = Int8}, interval{.kind = Interval};
    const Type instant{.kind = TimestampTz}, timestamp{.kind = Timestamp};
    static const std::vector<Entry> all = {
        {"generate_series", "pg_series", {int4, int4, int4}, 2, int4},
        {"generate_series", "pg_series", {int8, int8, int8}, 2, int8},
        {"generate_series", "pg_time_series", {timestamp, timestamp, interval}, 3, timestamp},
        {"generate_series", "pg_time_series", {instant, instant, interval}, 3, instant},
        {"json_array_elements", "pg_json_elements", {json}, 1, json, "value"},
        {"json_array_elements_text", "pg_json_elements_text", {json}, 1, text, "value"},
        {"json_each", "pg_json_members", {json}, 1, json, "value", true, true},
        {"json_each_text", "pg_json_members_text", {json}, 1, text, "value", true, true},
        {"json_object_keys", "pg_json_keys", {json}, 1, text, "", false, true},
        {"jsonb_array_elements", "pg_json_elements", {jsonb}, 1, jsonb, "value"},
        {"jsonb_array_elements_text", "pg_json_elements_text", {jsonb}, 1, text, "value"},
        {"jsonb_each", "pg_json_members", {jsonb}, 1, jsonb, "value", true, true},
        {"jsonb_each_text", "pg_json_members_text", {jsonb}, 1, text, "value", true, true},
        {"jsonb_object_keys", "pg_json_keys", {jsonb}, 1, text, "", false, true},
        {"regexp_matches", "pg_regexp_matches", {text, text, text}, 2, text_array},
        {"regexp_split_to_table", "pg_regexp_split", {text, text, text}, 2, text},
        {"string_to_table", "pg_string_to_array", {text, text, text}, 2, text},
    };
    return all;
}

std::optional<std::vector<Expression>> fit(const Entry& entry, const std::vector<Expression>& given,
                                           bool exactly) {
    if (given.size() < entry.required || given.size() > entry.parameters.size())
        return std::nullopt;
    std::vector<Expression> fitted;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const bool same = is_unknown(given[i]) || given[i].type.kind == entry.parameters[i].kind;
        if (exactly && !same) return std::nullopt;
        auto typed = coerce(given[i], entry.parameters[i]);
        if (!typed) return std::nullopt;
        fitted.push_back(std::move(*typed));
    }
    return fitted;
}

Expression spec_of(const Type& type) {
    return make_literal(Value(functions::type_spec(type)), text_type());
}

RowsCall made(const Entry& entry, std::vector<Expression> arguments) {
    if (entry.named) arguments.push_back(make_literal(Value(entry.name), text_type()));
    RowsCall call{
        .rows = make_call(std::string(entry.function), {.kind = Json}, std::move(arguments)),
        .columns = {}};
    if (entry.has_key) call.columns.push_back({.name = "key", .type = text_type()});
    call.named_by_alias = entry.column.empty();
    call.columns.push_back({.name = std::string(entry.column.empty() ? entry.name : entry.column),
                            .type = entry.result});
    return call;
}

Parsed<RowsCall> unnest(const std::vector<Expression>& arguments, int location) {
    if (arguments.size() != 1)
        return not_carried(location, "unnest() of several arrays", "Unnest each WITH ORDINALITY.");
    const Expression& array = arguments[0];
    if (!array.type.array)
        return refuse(location, "42883",
                      fmt::format("function unnest({}) does not exist", type_text(array)),
                      "Cast it to an array.");
    Type element = array.type;
    element.array = false;
    if (element.kind == Bytea)
        return not_carried(location, "unnest() of bytea[]", "Keep the values in rows.");
    return RowsCall{
        .rows = make_call("pg_rows_of_array", {.kind = Json}, {spec_of(element), array}),
        .columns = {{.name = "unnest", .type = element}},
        .named_by_alias = true};
}

}  // namespace

bool is_rows_function(std::string_view name) {
    return name == "unnest" ||
           std::ranges::any_of(entries(), [&](const Entry& entry) { return entry.name == name; });
}

std::optional<Parsed<RowsCall>> rows_function(const std::string& name,
                                              const std::vector<Expression>& arguments,
                                              int location) {
    if (!is_rows_function(name)) return std::nullopt;
    if (name == "unnest") return unnest(arguments, location);
    const bool decimal = std::ranges::any_of(
        arguments, [](const Expression& e) { return is_scalar(e.type, Numeric); });
    if (name == "generate_series" && decimal)
        return not_carried(location, "generate_series() of numeric", "Divide integers instead.");
    for (const bool exactly : {true, false}) {
        // Of several that fit after a conversion, PostgreSQL prefers timestamptz, the last one.
        for (auto entry = entries().rbegin(); entry != entries().rend(); ++entry) {
            if (entry->name != name) continue;
            if (auto fitted = fit(*entry, arguments, exactly))
                return made(*entry, std::move(*fitted));
        }
    }
    std::string list;
    for (const Expression& argument : arguments)
        list += (list.empty() ? "" : ", ") + type_text(argument);
    return refuse(location, "42883", fmt::format("function {}({}) does not exist", name, list),
                  "No function matches the given name and argument types. You might need to add "
                  "explicit type casts.");
}

}  // namespace dunlin::sql
