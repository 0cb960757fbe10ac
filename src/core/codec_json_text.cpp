#include "core/codec.h"
#include "core/codec_json_tree.h"
#include "core/codec_parts.h"

namespace dunlin::codec {

namespace {

bool is_json(const Type& type) {
    return !type.array && (type.kind == TypeKind::Json || type.kind == TypeKind::Jsonb);
}

/// From the text that a JSON string stands for. Fails with 22P05 for \u0000.
Result<Value> from_json_string(const Type& type, std::string_view json) {
    const std::string_view inside = json.substr(1, json.size() - 2);
    if (!inside.contains('\\')) return parse_text(type, inside);
    const auto node = parse_json_tree(json, JsonEscapes::Decode);
    return node ? parse_text(type, node->text) : std::unexpected(node.error());
}

}  // namespace

Result<Value> from_json_text(const Type& type, std::string_view json) {
    json = trim(json);
    if (json == "null") return Value();
    if (is_json(type)) return parse_text(type, json);
    if (json.starts_with('"')) return from_json_string(type, json);
    if (!type.array) return parse_text(type, json);
    if (json.starts_with('[')) return array_from_json(type, json);
    return std::unexpected(sql_error("22P02", "expected JSON array"));
}

}  // namespace dunlin::codec
