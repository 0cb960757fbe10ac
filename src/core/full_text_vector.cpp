#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/full_text.h"
#include "core/full_text_words.h"

namespace dunlin::full_text {

namespace {

constexpr int position_max = 16383;
constexpr std::size_t positions_max = 255;  // of one lexeme; the others are dropped
constexpr std::size_t lexeme_bytes_max = 2046;

bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool ends_word(WordsOf kind, char c) {
    if (is_blank(c) || c == ':') return true;
    return kind == WordsOf::Query && std::string_view("!&|()<").contains(c);
}

/// 2A,4 behind a colon.
class PositionReader {
public:
    PositionReader(std::string_view text, std::string_view& rest) : text_(text), rest_(rest) {}

    Result<std::vector<Position>> read() {
        std::vector<Position> positions;
        do {
            Position position;
            if (auto done = read_one(position); !done) return std::unexpected(done.error());
            positions.push_back(position);
        } while (take(','));
        if (!rest_.empty() && !is_blank(rest_.front())) return syntax_error();
        return positions;
    }

private:
    Result<void> read_one(Position& position) {
        std::uint64_t number = 0;
        const auto end = rest_.data() + rest_.size();
        const auto result = std::from_chars(rest_.data(), end, number);
        if (result.ec == std::errc::invalid_argument) return syntax_error();
        if (number == 0) {
            return std::unexpected(
                sql_error("42601", fmt::format("wrong position info in tsvector: \"{}\"", text_)));
        }
        position.at = static_cast<std::uint16_t>(std::min<std::uint64_t>(number, position_max));
        rest_.remove_prefix(static_cast<std::size_t>(result.ptr - rest_.data()));
        if (!rest_.empty()) {
            const auto letter = std::string_view("dcba").find(static_cast<char>(rest_[0] | 0x20));
            if (letter != std::string_view::npos) {
                position.weight = static_cast<Weight>(letter);
                rest_.remove_prefix(1);
            }
        }
        return {};
    }

    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    std::unexpected<Error> syntax_error() const {
        return std::unexpected(
            sql_error("42601", fmt::format("syntax error in tsvector: \"{}\"", text_)));
    }

    std::string_view text_;
    std::string_view& rest_;
};

/// Of one place the highest weight stays.
void normalize_positions(std::vector<Position>& positions) {
    std::sort(positions.begin(), positions.end(), [](const Position& left, const Position& right) {
        return left.at != right.at ? left.at < right.at : left.weight > right.weight;
    });
    const auto same_place = [](const Position& left, const Position& right) {
        return left.at == right.at;
    };
    positions.erase(std::unique(positions.begin(), positions.end(), same_place), positions.end());
    if (positions.size() > positions_max) positions.resize(positions_max);
}

}  // namespace

void skip_blanks(std::string_view& rest) {
    while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
}

bool take_word(WordsOf kind, std::string_view& rest, std::string& word) {
    const bool quoted = rest.starts_with('\'');
    if (quoted) rest.remove_prefix(1);
    while (!rest.empty()) {
        const char c = rest.front();
        if (!quoted && ends_word(kind, c)) break;
        rest.remove_prefix(1);
        if (quoted && c == '\'' && !rest.starts_with('\'')) return !word.empty();
        if ((quoted && c == '\'') || c == '\\') {  // the next character stands for itself
            if (rest.empty()) return false;
            word.push_back(rest.front());
            rest.remove_prefix(1);
        } else {
            word.push_back(c);
        }
    }
    return !quoted && !word.empty();
}

void append_quoted(std::string_view word, std::string& out) {
    out.push_back('\'');
    for (const char c : word) {
        if (c == '\'' || c == '\\') out.push_back(c);
        out.push_back(c);
    }
    out.push_back('\'');
}

void normalize(Vector& vector) {
    std::sort(vector.begin(), vector.end(),
              [](const Lexeme& left, const Lexeme& right) { return left.text < right.text; });
    Vector merged;
    for (Lexeme& lexeme : vector) {
        if (merged.empty() || merged.back().text != lexeme.text) {
            merged.push_back(std::move(lexeme));
            continue;
        }
        auto& positions = merged.back().positions;
        positions.insert(positions.end(), lexeme.positions.begin(), lexeme.positions.end());
    }
    for (Lexeme& lexeme : merged) normalize_positions(lexeme.positions);
    vector = std::move(merged);
}

Result<Vector> read_vector(std::string_view text) {
    Vector vector;
    std::string_view rest = text;
    for (skip_blanks(rest); !rest.empty(); skip_blanks(rest)) {
        Lexeme lexeme;
        if (!take_word(WordsOf::Vector, rest, lexeme.text)) {
            return std::unexpected(
                sql_error("42601", fmt::format("syntax error in tsvector: \"{}\"", text)));
        }
        if (lexeme.text.size() > lexeme_bytes_max) {
            return std::unexpected(
                sql_error("54000", fmt::format("word is too long ({} bytes, max {} bytes)",
                                               lexeme.text.size(), lexeme_bytes_max)));
        }
        if (rest.starts_with(':')) {
            rest.remove_prefix(1);
            auto positions = PositionReader(text, rest).read();
            if (!positions) return std::unexpected(positions.error());
            lexeme.positions = std::move(*positions);
        }
        vector.push_back(std::move(lexeme));
    }
    normalize(vector);
    return vector;
}

std::string print_vector(const Vector& vector) {
    std::string out;
    for (const Lexeme& lexeme : vector) {
        if (!out.empty()) out.push_back(' ');
        append_quoted(lexeme.text, out);
        char separator = ':';
        for (const Position& position : lexeme.positions) {
            out.push_back(separator);
            out += std::to_string(position.at);
            if (position.weight > 0) out.push_back("DCBA"[position.weight]);
            separator = ',';
        }
    }
    return out;
}

Result<std::string> parse_vector(std::string_view text) {
    const auto vector = read_vector(text);
    if (!vector) return std::unexpected(vector.error());
    return print_vector(*vector);
}

}  // namespace dunlin::full_text
