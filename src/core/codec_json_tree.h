#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

/// JSON with numbers kept as written, for what boost::json would round.
namespace dunlin::codec {

struct JsonNode {
    enum class Kind : std::uint8_t { Null, String, Number, Boolean, Array, Object };
    Kind kind = Kind::Null;
    std::string text{};  // String: decoded; Number: as written; Boolean: "true" or "false"
    std::vector<std::string> keys{};  // Object: as many as items
    std::vector<JsonNode> items{};
};

/// Deeper nesting is refused with 54001.
constexpr std::size_t json_depth_max = 512;

enum class JsonEscapes : std::uint8_t {
    Decode,  // jsonb: \u0000 and lone surrogates are refused (22P05, 22P02)
    Check,   // json: only the form of an escape is checked
};

/// Fails with 22P02 `invalid input syntax for type json`. Linear in the size of `text`.
Result<JsonNode> parse_json_tree(std::string_view text, JsonEscapes escapes);

/// Puts a tree in the form PostgreSQL stores as jsonb: keys by length then bytes, of equal keys the
/// last, numbers without exponent. Fails with 22003 for a number that numeric cannot hold.
Result<void> normalize_jsonb(JsonNode& node);

/// Appends the text form of jsonb, `{"a": 1, "b": [1, 2]}`.
void print_jsonb(const JsonNode& node, std::string& out);

/// PostgreSQL's order of two normalised trees: Object > Array > Boolean > Number > String > Null.
int compare_jsonb(const JsonNode& left, const JsonNode& right);

}  // namespace dunlin::codec
