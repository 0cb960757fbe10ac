// JSON made of values: to_jsonb(), jsonb_build_object() and their kin, and format().
#include <algorithm>
#include <utility>

#include "core/codec.h"
#include "core/codec_json_tree.h"
#include "core/functions/arguments.h"
#include "core/functions/array_elements.h"
#include "core/functions/type_spec.h"

namespace dunlin::functions {

namespace {

using codec::JsonNode;
using Kind = codec::JsonNode::Kind;

constexpr int parts_most = 100;

Outcome canonical(std::string_view json) {
    return codec::parse_text({.kind = TypeKind::Jsonb}, json);
}

/// to_json() of a value of the type in the second argument; NULL stays NULL.
Outcome pg_to_json(Arguments a, const FunctionContext&) {
    if (a[0].is_null()) return Value();
    std::string out;
    codec::write_json(parse_type_spec(text_of(a[1])), a[0], out);
    return Value(std::move(out));
}

Outcome pg_to_jsonb(Arguments a, const FunctionContext& context) {
    auto json = pg_to_json(a, context);
    if (!json || json->is_null()) return json;
    return canonical(json->text());
}

std::string_view json_or_null(const Value& json) {
    return json.is_null() ? "null" : text_of(json);
}

/// Keys and values in turns, the values JSON already; `colon` and `comma` are those of the
/// function.
Result<std::string> object_of(Arguments a, std::string_view colon, std::string_view comma) {
    std::string out = "{";
    for (std::size_t i = 0; i + 1 < a.size(); i += 2) {
        if (a[i].is_null()) {
            return std::unexpected(
                sql_error("22023", "argument " + std::to_string(i + 1) + ": key must not be null"));
        }
        if (i > 0) out += comma;
        codec::write_json_string(text_of(a[i]), out);
        out += colon;
        out += json_or_null(a[i + 1]);
    }
    return out + "}";
}

Outcome pg_jsonb_object(Arguments a, const FunctionContext&) {
    auto text = object_of(a, ":", ",");
    if (!text) return std::unexpected(text.error());
    return canonical(*text);
}

Outcome pg_json_object(Arguments a, const FunctionContext&) {
    auto text = object_of(a, " : ", ", ");
    if (!text) return std::unexpected(text.error());
    return Value(std::move(*text));
}

/// row_to_json() writes no blanks.
Outcome pg_row_to_json(Arguments a, const FunctionContext&) {
    auto text = object_of(a, ":", ",");
    if (!text) return std::unexpected(text.error());
    return Value(std::move(*text));
}

std::string array_of(Arguments a) {
    std::string out = "[";
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (i > 0) out += ", ";
        out += json_or_null(a[i]);
    }
    return out + "]";
}

Outcome pg_jsonb_array(Arguments a, const FunctionContext&) {
    return canonical(array_of(a));
}

Outcome pg_json_array(Arguments a, const FunctionContext&) {
    return Value(array_of(a));
}

/// `"key" : value`, a member of json_object_agg().
Outcome pg_json_member(Arguments a, const FunctionContext&) {
    if (a[0].is_null()) return std::unexpected(sql_error("22023", "field name must not be null"));
    std::string out;
    codec::write_json_string(text_of(a[0]), out);
    return Value(out + " : " + std::string(text_of(a[1])));
}

/// `pg_json_join(texts, open, between, close)` of what json_group_array() collected; NULL of none.
Outcome pg_json_join(Arguments a, const FunctionContext&) {
    std::string out(text_of(a[1]));
    bool first = true;
    for (const std::string_view one : split_array(text_of(a[0]))) {
        const auto text = element_value({.kind = TypeKind::Text}, one);
        if (!text) return std::unexpected(text.error());
        if (!first) out += text_of(a[2]);
        out += text_of(*text);
        first = false;
    }
    return first ? Value() : Value(out.append(text_of(a[3])));
}

/// What is no NULL of collected texts, with a separator between; NULL of none.
Outcome pg_text_join(Arguments a, const FunctionContext&) {
    std::string out;
    bool first = true;
    for (const std::string_view one : split_array(text_of(a[0]))) {
        const auto text = element_value({.kind = TypeKind::Text}, one);
        if (!text) return std::unexpected(text.error());
        if (text->is_null()) continue;
        if (!first) out += text_of(a[1]);
        out += text_of(*text);
        first = false;
    }
    return first ? Value() : Value(std::move(out));
}

/// array_agg() of no rows is NULL.
Outcome pg_array_or_null(Arguments a, const FunctionContext&) {
    return text_of(a[0]).size() <= 2 ? Value() : a[0];
}

/// The text of json_agg() and its kin, in the form of jsonb.
Outcome pg_jsonb_canonical(Arguments a, const FunctionContext&) {
    return a[0].is_null() ? Value() : canonical(text_of(a[0]));
}

std::vector<JsonNode> items_of(JsonNode node) {
    if (node.kind == Kind::Array) return std::move(node.items);
    std::vector<JsonNode> one;
    one.push_back(std::move(node));
    return one;
}

/// jsonb || jsonb: objects are merged, anything else is a list.
Outcome pg_jsonb_concat(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto left = codec::parse_json_tree(text_of(a[0]), codec::JsonEscapes::Decode);
    auto right = codec::parse_json_tree(text_of(a[1]), codec::JsonEscapes::Decode);
    if (!left) return std::unexpected(left.error());
    if (!right) return std::unexpected(right.error());
    JsonNode joined;
    if (left->kind == Kind::Object && right->kind == Kind::Object) {
        joined = std::move(*left);
        std::ranges::move(right->keys, std::back_inserter(joined.keys));
        std::ranges::move(right->items, std::back_inserter(joined.items));
    } else {
        joined.kind = Kind::Array;
        joined.items = items_of(std::move(*left));
        std::ranges::move(items_of(std::move(*right)), std::back_inserter(joined.items));
    }
    if (auto normal = codec::normalize_jsonb(joined); !normal)
        return std::unexpected(normal.error());
    std::string out;
    codec::print_jsonb(joined, out);
    return Value(std::move(out));
}

/// With a backslash in it, it is one with escapes.
std::string quoted_literal(std::string_view text) {
    std::string out = text.contains('\\') ? "E'" : "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out.push_back(c);
        out.push_back(c);
    }
    return out + "'";
}

Outcome pg_quote_literal(Arguments a, const FunctionContext&) {
    return any_null(a) ? Value() : Value(quoted_literal(text_of(a[0])));
}

Outcome pg_quote_nullable(Arguments a, const FunctionContext&) {
    return Value(any_null(a) ? "NULL" : quoted_literal(text_of(a[0])));
}

/// One %s, %I or %L of format(), NULL or a text.
Result<std::string> formatted(char kind, const Value& value) {
    if (kind == 's') return std::string(text_of(value));
    if (kind == 'L') return value.is_null() ? "NULL" : quoted_literal(text_of(value));
    if (value.is_null())
        return std::unexpected(
            sql_error("22004", "null values cannot be formatted as an SQL identifier"));
    const std::string_view name = text_of(value);
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    const bool bare = !name.empty() && plain(name[0]) && std::ranges::all_of(name, [&](char c) {
        return plain(c) || (c >= '0' && c <= '9');
    });
    if (bare) return std::string(name);
    std::string out = "\"";
    for (const char c : name) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\"";
}

/// format() with %s, %I, %L and %%.
Outcome pg_format(Arguments a, const FunctionContext&) {
    if (a[0].is_null()) return Value();
    const std::string_view form = text_of(a[0]);
    std::string out;
    std::size_t next = 1;
    for (std::size_t i = 0; i < form.size(); ++i) {
        if (form[i] != '%') {
            out.push_back(form[i]);
            continue;
        }
        const char kind = ++i < form.size() ? form[i] : '\0';
        if (kind == '%') {
            out.push_back('%');
            continue;
        }
        if (kind != 's' && kind != 'I' && kind != 'L') {
            return std::unexpected(
                sql_error("22023", "unrecognized format() type specifier", "",
                          "For a single \"%\" use \"%%\". Widths and positions are not carried."));
        }
        if (next >= a.size())
            return std::unexpected(sql_error("22023", "too few arguments for format()"));
        auto part = formatted(kind, a[next++]);
        if (!part) return std::unexpected(part.error());
        out += *part;
    }
    return Value(std::move(out));
}

constexpr ScalarFunction entries[] = {
    {"pg_array_or_null", 1, 1, true, pg_array_or_null},
    {"pg_format", 1, parts_most, true, pg_format},
    {"pg_json_array", 0, parts_most, true, pg_json_array},
    {"pg_json_join", 4, 4, true, pg_json_join},
    {"pg_json_member", 2, 2, true, pg_json_member},
    {"pg_json_object", 0, parts_most, true, pg_json_object},
    {"pg_jsonb_array", 0, parts_most, true, pg_jsonb_array},
    {"pg_jsonb_canonical", 1, 1, true, pg_jsonb_canonical},
    {"pg_jsonb_concat", 2, 2, true, pg_jsonb_concat},
    {"pg_jsonb_object", 0, parts_most, true, pg_jsonb_object},
    {"pg_quote_literal", 1, 1, true, pg_quote_literal},
    {"pg_quote_nullable", 1, 1, true, pg_quote_nullable},
    {"pg_row_to_json", 0, parts_most, true, pg_row_to_json},
    {"pg_text_join", 2, 2, true, pg_text_join},
    {"pg_to_json", 2, 2, true, pg_to_json},
    {"pg_to_jsonb", 2, 2, true, pg_to_jsonb},
};

}  // namespace

std::span<const ScalarFunction> json_build_functions() {
    return entries;
}

}  // namespace dunlin::functions
