#include <algorithm>
#include <numeric>

#include "core/codec.h"
#include "core/codec_json_tree.h"
#include "core/codec_parts.h"
#include "core/decimal.h"

namespace dunlin::codec {

namespace {

int sign_of(int difference) {
    return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}

/// The order in which jsonb stores keys: shorter first, then bytes.
int compare_keys(const std::string& left, const std::string& right) {
    if (left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
    return sign_of(left.compare(right));
}

/// Sorts the keys of an object and drops all but the last of equal ones.
void normalize_object(JsonNode& node) {
    std::vector<std::size_t> order(node.keys.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        const int keys = compare_keys(node.keys[left], node.keys[right]);
        return keys != 0 ? keys < 0 : left < right;
    });
    JsonNode sorted{JsonNode::Kind::Object};
    for (const std::size_t i : order) {
        if (!sorted.keys.empty() && sorted.keys.back() == node.keys[i]) {
            sorted.items.back() = std::move(node.items[i]);
            continue;
        }
        sorted.keys.push_back(std::move(node.keys[i]));
        sorted.items.push_back(std::move(node.items[i]));
    }
    node = std::move(sorted);
}

int compare_containers(const JsonNode& left, const JsonNode& right) {
    if (left.items.size() != right.items.size()) {
        return left.items.size() < right.items.size() ? -1 : 1;
    }
    for (std::size_t i = 0; i < left.items.size(); ++i) {
        if (left.kind == JsonNode::Kind::Object) {
            // Compared as texts, unlike where they are stored.
            const int keys = sign_of(left.keys[i].compare(right.keys[i]));
            if (keys != 0) return keys;
        }
        const int items = compare_jsonb(left.items[i], right.items[i]);
        if (items != 0) return items;
    }
    return 0;
}

}  // namespace

Result<void> normalize_jsonb(JsonNode& node) {
    if (node.kind == JsonNode::Kind::Number) {
        auto number = parse_numeric(Type{TypeKind::Numeric}, node.text);
        if (!number) return std::unexpected(number.error());
        node.text = std::move(*number);
    }
    for (JsonNode& item : node.items) {
        const auto done = normalize_jsonb(item);
        if (!done) return done;
    }
    if (node.kind == JsonNode::Kind::Object) normalize_object(node);
    return {};
}

void print_jsonb(const JsonNode& node, std::string& out) {
    switch (node.kind) {
        case JsonNode::Kind::Null:
            out += "null";
            return;
        case JsonNode::Kind::String:
            write_json_string(node.text, out);
            return;
        case JsonNode::Kind::Number:
        case JsonNode::Kind::Boolean:
            out += node.text;
            return;
        case JsonNode::Kind::Array:
        case JsonNode::Kind::Object:
            break;
    }
    const bool object = node.kind == JsonNode::Kind::Object;
    out.push_back(object ? '{' : '[');
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (i > 0) out += ", ";
        if (object) {
            write_json_string(node.keys[i], out);
            out += ": ";
        }
        print_jsonb(node.items[i], out);
    }
    out.push_back(object ? '}' : ']');
}

int compare_jsonb(const JsonNode& left, const JsonNode& right) {
    // The kinds are declared in PostgreSQL's order.
    if (left.kind != right.kind) return left.kind < right.kind ? -1 : 1;
    switch (left.kind) {
        case JsonNode::Kind::Null:
            return 0;
        case JsonNode::Kind::String:
        case JsonNode::Kind::Boolean:
            return sign_of(left.text.compare(right.text));
        case JsonNode::Kind::Number:
            return compare_decimal(left.text, right.text);
        case JsonNode::Kind::Array:
        case JsonNode::Kind::Object:
            break;
    }
    return compare_containers(left, right);
}

}  // namespace dunlin::codec
