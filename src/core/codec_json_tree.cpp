#include "core/codec_json_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/codec_parts.h"

namespace dunlin::codec {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void append_utf8(std::uint32_t point, std::string& out) {
    const auto byte = [&](std::uint32_t bits) { out.push_back(static_cast<char>(bits)); };
    if (point < 0x80) return byte(point);
    if (point < 0x800) {
        byte(0xc0 | (point >> 6));
    } else if (point < 0x10000) {
        byte(0xe0 | (point >> 12));
        byte(0x80 | ((point >> 6) & 0x3f));
    } else {
        byte(0xf0 | (point >> 18));
        byte(0x80 | ((point >> 12) & 0x3f));
        byte(0x80 | ((point >> 6) & 0x3f));
    }
    byte(0x80 | (point & 0x3f));
}

/// Recursive descent over RFC 8259.
class JsonReader {
public:
    JsonReader(std::string_view text, JsonEscapes escapes) : rest_(text), escapes_(escapes) {}

    Result<JsonNode> read() {
        auto node = read_value(0);
        if (!node) return node;
        skip_blanks();
        if (!rest_.empty()) return std::unexpected(unexpected("end of input"));
        return node;
    }

private:
    Result<JsonNode> read_value(std::size_t depth) {
        if (depth > json_depth_max) {
            return std::unexpected(sql_error("54001", "stack depth limit exceeded"));
        }
        skip_blanks();
        if (rest_.empty()) return std::unexpected(unexpected("JSON value"));
        const char first = rest_.front();
        if (first == '{') return read_object(depth);
        if (first == '[') return read_array(depth);
        JsonNode node;
        if (first == '"') {
            node.kind = JsonNode::Kind::String;
            const auto done = read_string(node.text);
            if (!done) return std::unexpected(done.error());
            return node;
        }
        if (first == '-' || is_digit(first)) return read_number();
        return read_word();
    }

    Result<JsonNode> read_object(std::size_t depth) {
        JsonNode node{JsonNode::Kind::Object};
        rest_.remove_prefix(1);
        if (skip_blanks(); take('}')) return node;
        while (true) {
            skip_blanks();
            if (rest_.empty() || rest_.front() != '"') return std::unexpected(unexpected("string"));
            auto done = read_string(node.keys.emplace_back());
            if (!done) return std::unexpected(done.error());
            if (skip_blanks(); !take(':')) return std::unexpected(unexpected("\":\""));
            auto item = read_value(depth + 1);
            if (!item) return item;
            node.items.push_back(std::move(*item));
            skip_blanks();
            if (take('}')) return node;
            if (!take(',')) return std::unexpected(unexpected("\",\" or \"}\""));
        }
    }

    Result<JsonNode> read_array(std::size_t depth) {
        JsonNode node{JsonNode::Kind::Array};
        rest_.remove_prefix(1);
        if (skip_blanks(); take(']')) return node;
        while (true) {
            auto item = read_value(depth + 1);
            if (!item) return item;
            node.items.push_back(std::move(*item));
            skip_blanks();
            if (take(']')) return node;
            if (!take(',')) return std::unexpected(unexpected("\",\" or \"]\""));
        }
    }

    Result<JsonNode> read_number() {
        std::size_t n = rest_.front() == '-' ? 1 : 0;
        const auto digits = [&] {
            const std::size_t before = n;
            while (n < rest_.size() && is_digit(rest_[n])) ++n;
            return n > before;
        };
        const bool leading_zero = n < rest_.size() && rest_[n] == '0';
        const std::size_t start = n;
        bool valid = digits() && !(leading_zero && n - start > 1);
        if (n < rest_.size() && rest_[n] == '.') {
            ++n;
            valid = digits() && valid;
        }
        if (n < rest_.size() && (rest_[n] == 'e' || rest_[n] == 'E')) {
            ++n;
            if (n < rest_.size() && (rest_[n] == '+' || rest_[n] == '-')) ++n;
            valid = digits() && valid;
        }
        if (!valid || token().size() > n) return std::unexpected(invalid_token());
        JsonNode node{JsonNode::Kind::Number, std::string(rest_.substr(0, n))};
        rest_.remove_prefix(n);
        return node;
    }

    Result<JsonNode> read_word() {
        const std::string_view word = token();
        JsonNode node;
        if (word == "true" || word == "false") {
            node = {JsonNode::Kind::Boolean, std::string(word)};
        } else if (word != "null") {
            return std::unexpected(word.empty() ? unexpected("JSON value") : invalid_token());
        }
        rest_.remove_prefix(word.size());
        return node;
    }

    Result<void> read_string(std::string& out) {
        rest_.remove_prefix(1);
        while (true) {
            if (rest_.empty()) return std::unexpected(unexpected("string"));
            const char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '"') return {};
            if (static_cast<unsigned char>(c) < 0x20) {
                return std::unexpected(
                    syntax_error(fmt::format("Character with value 0x{:02x} must be escaped.", c)));
            }
            if (c != '\\') {
                out.push_back(c);
                continue;
            }
            const auto done = read_escape(out);
            if (!done) return done;
        }
    }

    Result<void> read_escape(std::string& out) {
        if (rest_.empty()) return std::unexpected(unexpected("string"));
        const char c = rest_.front();
        rest_.remove_prefix(1);
        switch (c) {
            case '"':
            case '\\':
            case '/':
                out.push_back(c);
                return {};
            case 'b':
                out.push_back('\b');
                return {};
            case 'f':
                out.push_back('\f');
                return {};
            case 'n':
                out.push_back('\n');
                return {};
            case 'r':
                out.push_back('\r');
                return {};
            case 't':
                out.push_back('\t');
                return {};
            case 'u':
                return read_unicode(out);
            default:
                break;
        }
        return std::unexpected(
            syntax_error(fmt::format("Escape sequence \"\\{}\" is invalid.", c)));
    }

    Result<void> read_unicode(std::string& out) {
        std::uint32_t point = 0;
        if (!take_hex(point)) {
            return std::unexpected(
                syntax_error("\"\\u\" must be followed by four hexadecimal digits."));
        }
        if (escapes_ == JsonEscapes::Check) return {};
        if (point == 0) {
            return std::unexpected(sql_error("22P05", "unsupported Unicode escape sequence",
                                             "\\u0000 cannot be converted to text."));
        }
        const bool high = point >= 0xd800 && point < 0xdc00;
        std::uint32_t low = 0;
        if (high && rest_.starts_with("\\u")) {
            rest_.remove_prefix(2);
            if (!take_hex(low) || low < 0xdc00 || low > 0xdfff) low = 0;
        }
        if (high && low == 0) {
            return std::unexpected(
                syntax_error("Unicode high surrogate must not follow a high surrogate."));
        }
        if (point >= 0xdc00 && point <= 0xdfff) {
            return std::unexpected(
                syntax_error("Unicode low surrogate must follow a high surrogate."));
        }
        append_utf8(high ? 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00) : point, out);
        return {};
    }

    bool take_hex(std::uint32_t& number) {
        if (rest_.size() < 4) return false;
        number = 0;
        for (const char c : rest_.substr(0, 4)) {
            const char letter = static_cast<char>(c | 0x20);
            if (is_digit(c))
                number = number * 16 + static_cast<std::uint32_t>(c - '0');
            else if (letter >= 'a' && letter <= 'f') {
                number = number * 16 + static_cast<std::uint32_t>(letter - 'a' + 10);
            } else {
                return false;
            }
        }
        rest_.remove_prefix(4);
        return true;
    }

    /// The word ahead: up to a blank or a character with a meaning.
    std::string_view token() const {
        return rest_.substr(0, std::min(rest_.find_first_of(" \t\r\n,:{}[]\""), rest_.size()));
    }

    bool take(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void skip_blanks() {
        while (!rest_.empty() && std::string_view(" \t\r\n").contains(rest_.front())) {
            rest_.remove_prefix(1);
        }
    }

    static Error syntax_error(std::string details) {
        return sql_error("22P02", "invalid input syntax for type json", std::move(details));
    }

    Error invalid_token() const {
        return syntax_error(fmt::format("Token \"{}\" is invalid.", token()));
    }

    Error unexpected(std::string_view expected) const {
        if (rest_.empty()) return syntax_error("The input string ended unexpectedly.");
        std::string_view found = token();
        if (found.empty()) found = rest_.substr(0, 1);
        return syntax_error(fmt::format("Expected {}, but found \"{}\".", expected, found));
    }

    std::string_view rest_;
    JsonEscapes escapes_;
};

}  // namespace

Result<JsonNode> parse_json_tree(std::string_view text, JsonEscapes escapes) {
    return JsonReader(text, escapes).read();
}

}  // namespace dunlin::codec
