// Functions that make JSON and text of values and rows.
#include <algorithm>

#include "core/functions/type_spec.h"
#include "sql/analyzer.h"

namespace dunlin::sql {

namespace {

const Type json_type{.kind = TypeKind::Json};
const Type jsonb_type{.kind = TypeKind::Jsonb};

/// Pairs of a key and a value that one call takes; rows with more columns are joined.
constexpr std::size_t pairs_per_call = 45;

Expression row_object(const RowValue& row, bool binary) {
    const char* function = binary ? "pg_jsonb_object" : "pg_row_to_json";
    const Type& type = binary ? jsonb_type : json_type;
    std::optional<Expression> whole;
    for (std::size_t from = 0; from == 0 || from < row.names.size(); from += pairs_per_call) {
        Expression part = make_call(function, type, {});
        const std::size_t to = std::min(from + pairs_per_call, row.names.size());
        for (std::size_t i = from; i < to; ++i) {
            part.arguments.push_back(make_literal(Value(row.names[i]), text_type()));
            part.arguments.push_back(as_json(row.values[i]));
        }
        whole = whole ? make_call("pg_jsonb_concat", type, {std::move(*whole), std::move(part)})
                      : std::move(part);
    }
    return std::move(*whole);
}

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, name) != names.end();
}

}  // namespace

Expression row_as_jsonb(const RowValue& row) {
    return row_object(row, true);
}

Expression as_json(Expression value) {
    if (is_unknown(value)) value.name.clear();
    if (is_json(value.type) && !value.type.array) return value;
    Expression spec = make_literal(Value(functions::type_spec(value.type)), text_type());
    return make_call("pg_to_json", json_type, {std::move(value), std::move(spec)});
}

Parsed<Expression> Analyzer::json_value(const PgQuery__Node& node, bool binary,
                                        const Scope& scope) {
    if (const auto whole = row(node, scope)) return row_object(*whole, binary);
    auto value = expression(node, scope);
    if (!value) return value;
    if (is_scalar(value->type, binary ? TypeKind::Jsonb : TypeKind::Json) && !is_unknown(*value))
        return value;
    Expression json = as_json(std::move(*value));
    return binary ? make_call("pg_jsonb_canonical", jsonb_type, {std::move(json)})
                  : std::move(json);
}

Parsed<Expression> Analyzer::built_json(const std::string& name, const PgQuery__FuncCall& node,
                                        const Scope& scope) {
    const bool object = name.ends_with("object");
    const bool binary = name.starts_with("jsonb");
    if (object && node.n_args % 2 != 0) {
        return refuse(
            node.location, "22023", "argument list must have even number of elements",
            "The arguments of " + name + "() must consist of alternating keys and values.");
    }
    if (node.n_args > 2 * pairs_per_call) {
        return refuse(node.location, "54023", "cannot pass more than 90 arguments to a function",
                      "Join several of them with ||.");
    }
    Expression made =
        make_call((binary ? "pg_jsonb_" : "pg_json_") + std::string(object ? "object" : "array"),
                  binary ? jsonb_type : json_type, {});
    for (std::size_t i = 0; i < node.n_args; ++i) {
        if (object && i % 2 == 0) {
            auto key = expression(*node.args[i], scope);
            if (!key) return key;
            auto text = cast(std::move(*key), text_type());
            if (!text) return refuse(node.location, text.error());
            made.arguments.push_back(std::move(*text));
            continue;
        }
        auto value = json_value(*node.args[i], false, scope);
        if (!value) return value;
        made.arguments.push_back(std::move(*value));
    }
    return made;
}

Parsed<Expression> Analyzer::format_call(const PgQuery__FuncCall& node, const Scope& scope) {
    Expression made = make_call("pg_format", text_type(), {});
    for (std::size_t i = 0; i < node.n_args; ++i) {
        auto value = expression(*node.args[i], scope);
        if (!value) return value;
        auto text = cast(std::move(*value), text_type());
        if (!text) return refuse(node.location, text.error());
        made.arguments.push_back(std::move(*text));
    }
    return made;
}

Parsed<std::optional<Expression>> Analyzer::json_call(const std::string& name,
                                                      const PgQuery__FuncCall& node,
                                                      const Scope& scope) {
    Parsed<Expression> made = Expression{};
    if (one_of(name, {"to_jsonb", "to_json", "row_to_json"}) && node.n_args == 1)
        made = json_value(*node.args[0], name == "to_jsonb", scope);
    else if (one_of(name, {"jsonb_build_object", "json_build_object", "jsonb_build_array",
                           "json_build_array"}))
        made = built_json(name, node, scope);
    else if (name == "format" && node.n_args > 0)
        made = format_call(node, scope);
    else
        return std::optional<Expression>();
    if (!made) return std::unexpected(made.error());
    return std::optional(std::move(*made));
}

}  // namespace dunlin::sql
