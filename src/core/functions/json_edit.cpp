// jsonb changed at a key or path, and what is derived from it.
#include <algorithm>
#include <charconv>
#include <optional>

#include "core/codec.h"
#include "core/codec_json_tree.h"
#include "core/functions/arguments.h"
#include "core/functions/array_elements.h"

namespace dunlin::functions {

namespace {

using codec::JsonNode;
using Kind = codec::JsonNode::Kind;

Result<JsonNode> tree_of(const Value& json) {
    return codec::parse_json_tree(text_of(json), codec::JsonEscapes::Decode);
}

Outcome printed(JsonNode node) {
    if (auto normal = codec::normalize_jsonb(node); !normal) return std::unexpected(normal.error());
    std::string out;
    codec::print_jsonb(node, out);
    return Value(std::move(out));
}

bool is_container(const JsonNode& node) {
    return node.kind == Kind::Object || node.kind == Kind::Array;
}

std::unexpected<Error> refuse(std::string message, std::string hint = {}) {
    return std::unexpected(sql_error("22023", std::move(message), "", std::move(hint)));
}

/// The steps of a path, a stored text[]. Fails with 22004 for a NULL among them.
Result<std::vector<std::string>> path_of(const Value& array) {
    std::vector<std::string> steps;
    for (const std::string_view one : split_array(text_of(array))) {
        auto step = element_value({.kind = TypeKind::Text}, one);
        if (!step) return std::unexpected(step.error());
        if (step->is_null()) {
            return std::unexpected(sql_error(
                "22004",
                "path element at position " + std::to_string(steps.size() + 1) + " is null"));
        }
        steps.push_back(step->text());
    }
    return steps;
}

std::optional<std::size_t> key_in(const JsonNode& object, std::string_view key) {
    const auto found = std::ranges::find(object.keys, key);
    if (found == object.keys.end()) return std::nullopt;
    return static_cast<std::size_t>(found - object.keys.begin());
}

void erase_at(JsonNode& node, std::size_t place) {
    node.items.erase(node.items.begin() + static_cast<std::ptrdiff_t>(place));
    if (node.kind == Kind::Object)
        node.keys.erase(node.keys.begin() + static_cast<std::ptrdiff_t>(place));
}

/// A step into an array: its index, counted from the end when negative; it may lie outside.
Result<std::int64_t> index_of(const JsonNode& array, const std::string& step, std::size_t level) {
    std::int32_t index = 0;
    const char* const end = step.data() + step.size();
    const auto read = std::from_chars(step.data(), end, index);
    if (read.ec != std::errc{} || read.ptr != end) {
        return std::unexpected(sql_error("22P02", "path element at position " +
                                                      std::to_string(level + 1) +
                                                      " is not an integer: \"" + step + "\""));
    }
    return index < 0 ? index + static_cast<std::int64_t>(array.items.size()) : index;
}

enum class Edit : std::uint8_t { Set, SetOrAdd, InsertBefore, InsertAfter, Delete };

/// One change at the end of a path.
struct Change {
    const std::vector<std::string>& path;
    Edit edit;
    JsonNode value{};
};

Result<void> change_member(JsonNode& object, Change& change, const std::string& key) {
    const auto place = key_in(object, key);
    if (change.edit == Edit::Delete) {
        if (place) erase_at(object, *place);
        return {};
    }
    const bool inserts = change.edit == Edit::InsertBefore || change.edit == Edit::InsertAfter;
    if (place && inserts) {
        return refuse("cannot replace existing key",
                      "Try using the function jsonb_set to replace key value.");
    }
    if (place) {
        object.items[*place] = std::move(change.value);
    } else if (change.edit != Edit::Set) {
        object.keys.push_back(key);
        object.items.push_back(std::move(change.value));
    }
    return {};
}

void change_element(JsonNode& array, Change& change, std::int64_t index) {
    const auto count = static_cast<std::int64_t>(array.items.size());
    const bool inside = index >= 0 && index < count;
    if (inside && change.edit == Edit::Delete)
        return erase_at(array, static_cast<std::size_t>(index));
    if (inside && (change.edit == Edit::Set || change.edit == Edit::SetOrAdd)) {
        array.items[static_cast<std::size_t>(index)] = std::move(change.value);
        return;
    }
    if (change.edit == Edit::Delete || change.edit == Edit::Set) return;
    // Outside of the array it goes to the nearer end.
    std::int64_t place = std::clamp<std::int64_t>(index, 0, count);
    if (inside && change.edit == Edit::InsertAfter) ++place;
    array.items.insert(array.items.begin() + place, std::move(change.value));
}

/// Does nothing where the path leads nowhere.
Result<void> apply(JsonNode& root, Change change) {
    JsonNode* node = &root;
    for (std::size_t level = 0; level < change.path.size(); ++level) {
        const std::string& step = change.path[level];
        const bool last = level + 1 == change.path.size();
        if (node->kind == Kind::Object) {
            if (last) return change_member(*node, change, step);
            const auto place = key_in(*node, step);
            if (!place) return {};
            node = &node->items[*place];
        } else if (node->kind == Kind::Array) {
            const auto index = index_of(*node, step, level);
            if (!index) return std::unexpected(index.error());
            if (last) {
                change_element(*node, change, *index);
                return {};
            }
            if (*index < 0 || *index >= static_cast<std::int64_t>(node->items.size())) return {};
            node = &node->items[static_cast<std::size_t>(*index)];
        } else {
            return {};
        }
    }
    return {};
}

Outcome changed(const Value& target, const Value& path, Edit edit, const Value* value) {
    auto tree = tree_of(target);
    if (!tree) return std::unexpected(tree.error());
    if (!is_container(*tree))
        return refuse(edit == Edit::Delete ? "cannot delete path in scalar"
                                           : "cannot set path in scalar");
    const auto steps = path_of(path);
    if (!steps) return std::unexpected(steps.error());
    if (steps->empty()) return target;
    Change change{.path = *steps, .edit = edit};
    if (value != nullptr) {
        auto given = tree_of(*value);
        if (!given) return std::unexpected(given.error());
        change.value = std::move(*given);
    }
    if (auto done = apply(*tree, std::move(change)); !done) return std::unexpected(done.error());
    return printed(std::move(*tree));
}

/// jsonb_set(target, path, value, create_if_missing = true)
Outcome pg_jsonb_set(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const bool adds = a.size() < 4 || a[3].integer() != 0;
    return changed(a[0], a[1], adds ? Edit::SetOrAdd : Edit::Set, &a[2]);
}

/// jsonb_insert(target, path, value, insert_after = false)
Outcome pg_jsonb_insert(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const bool after = a.size() > 3 && a[3].integer() != 0;
    return changed(a[0], a[1], after ? Edit::InsertAfter : Edit::InsertBefore, &a[2]);
}

/// `#-`
Outcome pg_jsonb_delete_path(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    return changed(a[0], a[1], Edit::Delete, nullptr);
}

/// `jsonb - text`: a member, or the elements that are that string.
void delete_key(JsonNode& node, std::string_view key) {
    for (std::size_t i = node.items.size(); i-- > 0;) {
        const JsonNode& item = node.items[i];
        const bool named = node.kind == Kind::Object
                               ? node.keys[i] == key
                               : item.kind == Kind::String && item.text == key;
        if (named) erase_at(node, i);
    }
}

Outcome pg_jsonb_delete_key(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto tree = tree_of(a[0]);
    if (!tree) return std::unexpected(tree.error());
    if (!is_container(*tree)) return refuse("cannot delete from scalar");
    delete_key(*tree, text_of(a[1]));
    return printed(std::move(*tree));
}

/// `jsonb - text[]`
Outcome pg_jsonb_delete_keys(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto tree = tree_of(a[0]);
    if (!tree) return std::unexpected(tree.error());
    if (!is_container(*tree)) return refuse("cannot delete from scalar");
    for (const std::string_view one : split_array(text_of(a[1]))) {
        const auto key = element_value({.kind = TypeKind::Text}, one);
        if (key && key->is_text()) delete_key(*tree, key->text());
    }
    return printed(std::move(*tree));
}

/// `jsonb - integer`
Outcome pg_jsonb_delete_index(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto tree = tree_of(a[0]);
    if (!tree) return std::unexpected(tree.error());
    if (tree->kind == Kind::Object) return refuse("cannot delete from object using integer index");
    if (tree->kind != Kind::Array) return refuse("cannot delete from scalar");
    const auto count = static_cast<std::int64_t>(tree->items.size());
    const std::int64_t index = a[1].integer() < 0 ? a[1].integer() + count : a[1].integer();
    if (index >= 0 && index < count) erase_at(*tree, static_cast<std::size_t>(index));
    return printed(std::move(*tree));
}

void strip_nulls(JsonNode& node) {
    for (std::size_t i = node.items.size(); i-- > 0;) {
        if (node.kind == Kind::Object && node.items[i].kind == Kind::Null)
            erase_at(node, i);
        else
            strip_nulls(node.items[i]);
    }
}

Outcome pg_jsonb_strip_nulls(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto tree = tree_of(a[0]);
    if (!tree) return std::unexpected(tree.error());
    strip_nulls(*tree);
    return printed(std::move(*tree));
}

void print_pretty(const JsonNode& node, std::size_t indent, std::string& out) {
    if (!is_container(node)) return codec::print_jsonb(node, out);
    const bool object = node.kind == Kind::Object;
    const auto new_line = [&](std::size_t blanks) { out += "\n" + std::string(blanks, ' '); };
    out += object ? "{" : "[";
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (i > 0) out += ",";
        new_line(indent + 4);
        if (object) {
            codec::write_json_string(node.keys[i], out);
            out += ": ";
        }
        print_pretty(node.items[i], indent + 4, out);
    }
    new_line(indent);
    out += object ? "}" : "]";
}

Outcome pg_jsonb_pretty(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto tree = tree_of(a[0]);
    if (!tree) return std::unexpected(tree.error());
    std::string out;
    print_pretty(*tree, 0, out);
    return Value(std::move(out));
}

enum class Quantity : std::uint8_t { Any, All };

bool has_key(const JsonNode& node, std::string_view key) {
    if (node.kind == Kind::Object) return key_in(node, key).has_value();
    const auto named = [&](const JsonNode& item) {
        return item.kind == Kind::String && item.text == key;
    };
    return node.kind == Kind::Array ? std::ranges::any_of(node.items, named) : named(node);
}

/// `?|` and `?&`: NULL keys count as nothing.
template <Quantity quantity>
Outcome has_keys(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto tree = tree_of(a[0]);
    if (!tree) return std::unexpected(tree.error());
    for (const std::string_view one : split_array(text_of(a[1]))) {
        const auto key = element_value({.kind = TypeKind::Text}, one);
        if (!key || key->is_null()) continue;
        const bool found = has_key(*tree, key->text());
        if (found != (quantity == Quantity::All)) return Value::boolean(quantity == Quantity::Any);
    }
    return Value::boolean(quantity == Quantity::All);
}

constexpr ScalarFunction entries[] = {
    {"pg_json_has_all_keys", 2, 2, true, has_keys<Quantity::All>},
    {"pg_json_has_any_key", 2, 2, true, has_keys<Quantity::Any>},
    {"pg_jsonb_delete_index", 2, 2, true, pg_jsonb_delete_index},
    {"pg_jsonb_delete_key", 2, 2, true, pg_jsonb_delete_key},
    {"pg_jsonb_delete_keys", 2, 2, true, pg_jsonb_delete_keys},
    {"pg_jsonb_delete_path", 2, 2, true, pg_jsonb_delete_path},
    {"pg_jsonb_insert", 3, 4, true, pg_jsonb_insert},
    {"pg_jsonb_pretty", 1, 1, true, pg_jsonb_pretty},
    {"pg_jsonb_set", 3, 4, true, pg_jsonb_set},
    {"pg_jsonb_strip_nulls", 1, 1, true, pg_jsonb_strip_nulls},
};

}  // namespace

std::span<const ScalarFunction> json_edit_functions() {
    return entries;
}

}  // namespace dunlin::functions
