#include <fmt/format.h>

#include <algorithm>

#include "core/codec.h"
#include "core/codec_json_tree.h"
#include "core/codec_parts.h"

namespace dunlin::codec {

namespace {

constexpr std::size_t dimensions_max = 6;  // PostgreSQL's MAXDIM

bool is_json(const Type& type) {
    return type.kind == TypeKind::Json || type.kind == TypeKind::Jsonb;
}

bool is_word(std::string_view text, std::string_view lower_word) {
    return std::equal(text.begin(), text.end(), lower_word.begin(), lower_word.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
}

/// Reads `{a,"b c",NULL,{...}}` as a tree of strings and nulls.
class LiteralReader {
public:
    explicit LiteralReader(std::string_view text) : text_(text), rest_(trim(text)) {}

    Result<JsonNode> read() {
        if (rest_.starts_with('[')) {
            return std::unexpected(
                sql_error("0A000", fmt::format("array bounds are not supported: \"{}\"", text_), "",
                          "Write the array as {a,b}."));
        }
        if (!rest_.starts_with('{')) {
            return refuse("Array value must start with \"{\" or dimension information.");
        }
        auto array = read_array(1);
        if (array && !trim(rest_).empty()) return refuse("Junk after closing right brace.");
        return array;
    }

private:
    Result<JsonNode> read_array(std::size_t depth) {
        if (depth > dimensions_max) {
            return std::unexpected(sql_error(
                "54000", fmt::format("number of array dimensions exceeds the maximum allowed ({})",
                                     dimensions_max)));
        }
        JsonNode array{JsonNode::Kind::Array};
        rest_.remove_prefix(1);
        skip_blanks();
        if (take('}')) return array;
        while (true) {
            skip_blanks();
            auto item = rest_.starts_with('{') ? read_array(depth + 1) : read_element();
            if (!item) return item;
            array.items.push_back(std::move(*item));
            skip_blanks();
            if (take('}')) return array;
            if (!take(','))
                return refuse(rest_.empty() ? "Unexpected end of input."
                                            : "Unexpected array element.");
        }
    }

    Result<JsonNode> read_element() {
        JsonNode element{JsonNode::Kind::String};
        if (take('"')) {
            while (!rest_.starts_with('"')) {
                if (!take_character(element.text)) return refuse("Unexpected end of input.");
            }
            rest_.remove_prefix(1);
            return element;
        }
        bool escaped = false;
        std::size_t kept = 0;  // Blanks behind the last other character are dropped.
        while (!rest_.empty() && !std::string_view(",{}\"").contains(rest_.front())) {
            const bool escape = rest_.front() == '\\';
            const bool blank = !escape && trim(rest_.substr(0, 1)).empty();
            if (!take_character(element.text)) return refuse("Unexpected end of input.");
            escaped = escaped || escape;
            if (!blank) kept = element.text.size();
        }
        element.text.resize(kept);
        if (kept == 0 && !escaped) return refuse_character();
        if (!escaped && is_word(element.text, "null")) return JsonNode{};
        return element;
    }

    /// Moves one character, or the one behind a backslash, to `out`.
    bool take_character(std::string& out) {
        if (rest_.starts_with('\\')) rest_.remove_prefix(1);
        if (rest_.empty()) return false;
        out.push_back(rest_.front());
        rest_.remove_prefix(1);
        return true;
    }

    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void skip_blanks() {
        while (!rest_.empty() && trim(rest_.substr(0, 1)).empty()) rest_.remove_prefix(1);
    }

    std::unexpected<Error> refuse_character() const {
        if (rest_.empty()) return refuse("Unexpected end of input.");
        return refuse(fmt::format("Unexpected \"{}\" character.", rest_.front()));
    }

    std::unexpected<Error> refuse(std::string details) const {
        return std::unexpected(sql_error(
            "22P02", fmt::format("malformed array literal: \"{}\"", text_), std::move(details)));
    }

    std::string_view text_;
    std::string_view rest_;
};

/// Turns a tree of elements into the stored text, and checks that it is rectangular.
class ArrayWriter {
public:
    enum class Source : std::uint8_t { Literal, Json };
    ArrayWriter(const Type& element, Source source) : element_(element), source_(source) {}

    Result<void> write(const JsonNode& node, std::size_t depth = 0) {
        if (!is_array(node, depth)) return write_element(node, depth);
        if (depth >= dimensions_max) return std::unexpected(ragged());
        if (sizes_.size() == depth) sizes_.push_back(node.items.size());
        if (sizes_[depth] != node.items.size()) return std::unexpected(ragged());
        out_.push_back('[');
        for (std::size_t i = 0; i < node.items.size(); ++i) {
            if (i > 0) out_.push_back(',');
            const auto done = write(node.items[i], depth + 1);
            if (!done) return done;
        }
        out_.push_back(']');
        return {};
    }

    std::string take() { return std::move(out_); }

private:
    bool is_array(const JsonNode& node, std::size_t depth) const {
        // An array inside jsonb[] is an element, not a dimension.
        if (source_ == Source::Json && is_json(element_) && depth > 0) return false;
        return node.kind == JsonNode::Kind::Array;
    }

    Result<void> write_element(const JsonNode& node, std::size_t depth) {
        if (leaf_depth_ == 0) leaf_depth_ = depth;
        if (leaf_depth_ != depth || sizes_.size() > depth) return std::unexpected(ragged());
        const auto value = element_value(node);
        if (!value) return std::unexpected(value.error());
        write_json(element_, *value, out_);
        return {};
    }

    Result<Value> element_value(const JsonNode& node) const {
        if (node.kind == JsonNode::Kind::Null) return Value();
        const bool plain =
            node.kind != JsonNode::Kind::Object && node.kind != JsonNode::Kind::Array;
        if (plain && (source_ == Source::Literal || !is_json(element_))) {
            return parse_text(element_, node.text);
        }
        std::string text;
        print_jsonb(node, text);
        return parse_text(element_, text);
    }

    static Error ragged() {
        return sql_error("22P02", "malformed array literal",
                         "Multidimensional arrays must have sub-arrays with matching dimensions.");
    }

    const Type& element_;
    Source source_;
    std::vector<std::size_t> sizes_;  // by depth
    std::size_t leaf_depth_ = 0;
    std::string out_;
};

Result<Value> store(const Type& type, const JsonNode& tree, ArrayWriter::Source source) {
    const Type element = element_type(type);
    ArrayWriter writer(element, source);
    const auto done = writer.write(tree);
    if (!done) return std::unexpected(done.error());
    return Value(writer.take());
}

/// Array output quotes an element that could be read back as something else.
void write_literal_element(std::string_view text, std::string& out) {
    const bool plain = !text.empty() && !is_word(text, "null") &&
                       text.find_first_of(" \t\n\r\v\f{},\"\\") == text.npos;
    if (plain) {
        out += text;
        return;
    }
    out.push_back('"');
    for (const char c : text) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    out.push_back('"');
}

/// A stored element. What cannot be read (a damaged row) counts as NULL.
Value stored_element(const Type& element, const JsonNode& node) {
    if (node.kind == JsonNode::Kind::Null) return {};
    if (is_json(element)) {
        std::string text;
        print_jsonb(node, text);
        return Value(std::move(text));
    }
    return parse_text(element, node.text).value_or(Value());
}

void write_literal(const Type& element, const JsonNode& node, std::size_t depth, std::string& out) {
    const bool array = node.kind == JsonNode::Kind::Array && (depth == 0 || !is_json(element));
    if (!array) {
        const Value value = stored_element(element, node);
        if (value.is_null())
            out += "NULL";
        else
            write_literal_element(to_text(element, value), out);
        return;
    }
    out.push_back('{');
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (i > 0) out.push_back(',');
        write_literal(element, node.items[i], depth + 1, out);
    }
    out.push_back('}');
}

int compare_nodes(const Type& element, const JsonNode& left, const JsonNode& right,
                  std::size_t depth) {
    const bool nested = left.kind == JsonNode::Kind::Array && right.kind == JsonNode::Kind::Array &&
                        (depth == 0 || !is_json(element));
    if (!nested) {
        const Value l = stored_element(element, left);
        const Value r = stored_element(element, right);
        if (l.is_null() || r.is_null())
            return static_cast<int>(l.is_null()) - static_cast<int>(r.is_null());
        return compare(element, l, r);
    }
    const std::size_t common = std::min(left.items.size(), right.items.size());
    for (std::size_t i = 0; i < common; ++i) {
        const int order = compare_nodes(element, left.items[i], right.items[i], depth + 1);
        if (order != 0) return order;
    }
    if (left.items.size() == right.items.size()) return 0;
    return left.items.size() < right.items.size() ? -1 : 1;
}

}  // namespace

Type element_type(const Type& array) {
    Type element = array;
    element.array = false;
    return element;
}

Result<Value> parse_array(const Type& type, std::string_view text) {
    const auto tree = LiteralReader(text).read();
    if (!tree) return std::unexpected(tree.error());
    return store(type, *tree, ArrayWriter::Source::Literal);
}

Result<Value> array_from_json(const Type& type, std::string_view json) {
    const auto tree = parse_json_tree(json, JsonEscapes::Decode);
    if (!tree) return std::unexpected(tree.error());
    return store(type, *tree, ArrayWriter::Source::Json);
}

std::string array_to_text(const Type& type, std::string_view json) {
    const auto tree = parse_json_tree(json, JsonEscapes::Decode);
    if (!tree) return std::string(json);
    std::string out;
    write_literal(element_type(type), *tree, 0, out);
    return out;
}

int compare_arrays(const Type& type, std::string_view left, std::string_view right) {
    const auto left_tree = parse_json_tree(left, JsonEscapes::Decode);
    const auto right_tree = parse_json_tree(right, JsonEscapes::Decode);
    if (!left_tree || !right_tree) return left.compare(right);
    return compare_nodes(element_type(type), *left_tree, *right_tree, 0);
}

}  // namespace dunlin::codec
