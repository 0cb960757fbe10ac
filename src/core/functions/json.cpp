// PostgreSQL's JSON operators, which differ from SQLite's: booleans are not numbers, text is text.
#include <charconv>

#include "core/codec.h"
#include "core/codec_json_tree.h"
#include "core/functions/arguments.h"

namespace dunlin::functions {

namespace {

using codec::JsonNode;
using Kind = codec::JsonNode::Kind;

Result<JsonNode> tree_of(const Value& json) {
    return codec::parse_json_tree(text_of(json), codec::JsonEscapes::Decode);
}

/// The member or element that `key` names; nullptr when there is none. A number, or text that is
/// one, counts from the end when negative.
const JsonNode* member_of(const JsonNode& node, const Value& key) {
    if (node.kind == Kind::Object && key.is_text()) {
        for (std::size_t i = node.keys.size(); i-- > 0;) {
            if (node.keys[i] == key.text()) return &node.items[i];
        }
        return nullptr;
    }
    // PostgreSQL keeps a jsonb scalar as an array of one, and -> 0 shows it.
    if (node.kind != Kind::Array && node.kind != Kind::Object && key.is_integer())
        return key.integer() == 0 || key.integer() == -1 ? &node : nullptr;
    if (node.kind != Kind::Array) return nullptr;
    std::int64_t index = 0;
    if (key.is_integer()) {
        index = key.integer();
    } else {
        const std::string_view text = text_of(key);
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), index);
        if (failure != std::errc{} || end != text.data() + text.size()) return nullptr;
    }
    const auto count = static_cast<std::int64_t>(node.items.size());
    if (index < 0) index += count;
    return index < 0 || index >= count ? nullptr : &node.items[static_cast<std::size_t>(index)];
}

enum class Give : std::uint8_t { Json, Text };

Value give(const JsonNode* node, Give form) {
    if (node == nullptr) return {};
    if (form == Give::Text) {
        if (node->kind == Kind::Null) return {};
        if (node->kind == Kind::String) return Value(node->text);
    }
    std::string out;
    codec::print_jsonb(*node, out);
    return Value(std::move(out));
}

template <Give form>
Outcome get(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto tree = tree_of(a[0]);
    if (!tree) return std::unexpected(tree.error());
    if (tree->kind == Kind::Array && !a[1].is_integer())
        return Value();  // only a path counts in text
    return give(member_of(*tree, a[1]), form);
}

/// `#>` and `#>>`: the path is a text[] in its stored form.
template <Give form>
Outcome get_path(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto tree = tree_of(a[0]);
    const auto path = tree_of(a[1]);
    if (!tree) return std::unexpected(tree.error());
    if (!path) return std::unexpected(path.error());
    const JsonNode* node = &*tree;
    for (const JsonNode& step : path->items) {
        if (step.kind == Kind::Null) return Value();
        node = member_of(*node, Value(step.text));
        if (node == nullptr) return Value();
    }
    return give(node, form);
}

bool contains(const JsonNode& whole, const JsonNode& part);

bool has_element(const JsonNode& array, const JsonNode& wanted) {
    for (const JsonNode& item : array.items) {
        if (item.kind == wanted.kind && contains(item, wanted)) return true;
    }
    return false;
}

/// jsonb containment: objects by member, arrays by element in any order, scalars by value.
bool contains(const JsonNode& whole, const JsonNode& part) {
    if (whole.kind != part.kind) return false;
    if (whole.kind == Kind::Object) {
        for (std::size_t i = 0; i < part.keys.size(); ++i) {
            const JsonNode* member = member_of(whole, Value(part.keys[i]));
            if (member == nullptr || !contains(*member, part.items[i])) return false;
        }
        return true;
    }
    if (whole.kind == Kind::Array) {
        for (const JsonNode& item : part.items) {
            if (!has_element(whole, item)) return false;
        }
        return true;
    }
    return codec::compare_jsonb(whole, part) == 0;
}

Outcome pg_json_contains(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto whole = tree_of(a[0]);
    auto part = tree_of(a[1]);
    if (!whole) return std::unexpected(whole.error());
    if (!part) return std::unexpected(part.error());
    // At the top an array contains a scalar that is one of its elements.
    const bool scalar = part->kind != Kind::Object && part->kind != Kind::Array;
    if (whole->kind == Kind::Array && scalar) return Value::boolean(has_element(*whole, *part));
    return Value::boolean(contains(*whole, *part));
}

Outcome pg_json_has_key(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto tree = tree_of(a[0]);
    if (!tree) return std::unexpected(tree.error());
    if (tree->kind == Kind::Object) return Value::boolean(member_of(*tree, a[1]) != nullptr);
    const JsonNode wanted{.kind = Kind::String, .text = std::string(text_of(a[1]))};
    if (tree->kind == Kind::Array) return Value::boolean(has_element(*tree, wanted));
    return Value::boolean(tree->kind == Kind::String && tree->text == wanted.text);
}

Outcome pg_json_typeof(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto tree = tree_of(a[0]);
    if (!tree) return std::unexpected(tree.error());
    switch (tree->kind) {
        case Kind::Null:
            return Value("null");
        case Kind::String:
            return Value("string");
        case Kind::Number:
            return Value("number");
        case Kind::Boolean:
            return Value("boolean");
        case Kind::Array:
            return Value("array");
        case Kind::Object:
            return Value("object");
    }
    return Value();
}

Outcome pg_json_array_length(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto tree = tree_of(a[0]);
    if (!tree) return std::unexpected(tree.error());
    if (tree->kind != Kind::Array) {
        return std::unexpected(sql_error("22023", "cannot get array length of a non-array"));
    }
    return Value(static_cast<std::int64_t>(tree->items.size()));
}

/// Below, equal or above: -1, 0, 1, in the order of jsonb's operators.
Result<Value> pg_jsonb_compare(std::span<const Value> arguments, const FunctionContext&) {
    if (arguments[0].is_null() || arguments[1].is_null()) return Value();
    const int order = codec::compare(Type{TypeKind::Jsonb}, arguments[0], arguments[1]);
    return Value(std::int64_t{order});
}

constexpr ScalarFunction json_entries[] = {
    {"pg_json_array_length", 1, 1, true, pg_json_array_length},
    {"pg_json_contains", 2, 2, true, pg_json_contains},
    {"pg_json_get", 2, 2, true, get<Give::Json>},
    {"pg_json_get_text", 2, 2, true, get<Give::Text>},
    {"pg_json_has_key", 2, 2, true, pg_json_has_key},
    {"pg_json_path", 2, 2, true, get_path<Give::Json>},
    {"pg_json_path_text", 2, 2, true, get_path<Give::Text>},
    {"pg_json_typeof", 1, 1, true, pg_json_typeof},
    {"pg_jsonb_compare", 2, 2, true, pg_jsonb_compare},
};

}  // namespace

std::span<const ScalarFunction> json_functions() {
    return json_entries;
}

}  // namespace dunlin::functions
