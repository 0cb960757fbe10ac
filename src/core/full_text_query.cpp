#include <fmt/format.h>

#include <charconv>

#include "core/full_text.h"
#include "core/full_text_words.h"
#include "core/limits.h"

namespace dunlin::full_text {

namespace {

constexpr std::uint64_t distance_max = 16384;

/// Precedence, lowest first: | & <-> ! and operands.
class QueryReader {
public:
    explicit QueryReader(std::string_view text) : text_(text), rest_(text) {}

    Result<std::optional<Query>> read() {
        skip_blanks(rest_);
        if (rest_.empty()) return std::nullopt;
        auto query = read_either();
        if (!query) return std::unexpected(query.error());
        skip_blanks(rest_);
        if (!rest_.empty()) return syntax_error();
        return std::move(*query);
    }

private:
    Result<Query> read_either() { return read_chain(Query::Kind::Or, '|', &QueryReader::read_all); }
    Result<Query> read_all() {
        return read_chain(Query::Kind::And, '&', &QueryReader::read_phrase);
    }

    Result<Query> read_chain(Query::Kind kind, char sign, Result<Query> (QueryReader::*next)()) {
        auto first = (this->*next)();
        if (!first) return first;
        Query chain{.kind = kind, .operands = {}};
        chain.operands.push_back(std::move(*first));
        while (take(sign)) {
            auto operand = (this->*next)();
            if (!operand) return operand;
            chain.operands.push_back(std::move(*operand));
        }
        return chain.operands.size() == 1 ? std::move(chain.operands[0]) : std::move(chain);
    }

    Result<Query> read_phrase() {
        auto left = read_negation();
        while (left && take('<')) {
            const auto distance = read_distance();
            if (!distance) return std::unexpected(distance.error());
            auto right = read_negation();
            if (!right) return right;
            Query phrase{.kind = Query::Kind::Phrase, .distance = *distance, .operands = {}};
            phrase.operands.push_back(std::move(*left));
            phrase.operands.push_back(std::move(*right));
            left = std::move(phrase);
        }
        return left;
    }

    /// `->` or `3>`.
    Result<int> read_distance() {
        if (rest_.starts_with("->")) {
            rest_.remove_prefix(2);
            return 1;
        }
        std::uint64_t distance = 0;
        const auto result = std::from_chars(rest_.data(), rest_.data() + rest_.size(), distance);
        if (result.ec == std::errc::invalid_argument) return syntax_error();
        rest_.remove_prefix(static_cast<std::size_t>(result.ptr - rest_.data()));
        if (!rest_.starts_with('>')) return syntax_error();
        rest_.remove_prefix(1);
        if (result.ec != std::errc{} || distance > distance_max) {
            return std::unexpected(
                sql_error("22023",
                          "distance in phrase operator must be an integer value between zero and "
                          "16384 inclusive"));
        }
        return static_cast<int>(distance);
    }

    Result<Query> read_negation() {
        if (++parts_ > limits::search_terms_max) {
            return std::unexpected(sql_error(
                "54000", "tsquery is too large", "",
                fmt::format("At most {} operands and parentheses.", limits::search_terms_max)));
        }
        if (take('!')) {
            auto operand = read_negation();
            if (!operand) return operand;
            Query negation{.kind = Query::Kind::Not, .operands = {}};
            negation.operands.push_back(std::move(*operand));
            return negation;
        }
        if (take('(')) {
            auto inner = read_either();
            if (inner && !take(')')) return syntax_error();
            return inner;
        }
        return read_operand();
    }

    Result<Query> read_operand() {
        skip_blanks(rest_);
        if (rest_.empty()) {
            return std::unexpected(
                sql_error("42601", fmt::format("no operand in tsquery: \"{}\"", text_)));
        }
        Query operand;
        if (!take_word(WordsOf::Query, rest_, operand.text)) return syntax_error();
        if (!rest_.starts_with(':')) return operand;
        rest_.remove_prefix(1);
        for (; !rest_.empty(); rest_.remove_prefix(1)) {
            const auto letter = std::string_view("dcba").find(static_cast<char>(rest_[0] | 0x20));
            if (rest_.front() == '*') {
                operand.prefix = true;
            } else if (letter != std::string_view::npos) {
                operand.weights |= static_cast<std::uint8_t>(1U << letter);
            } else {
                break;
            }
        }
        return operand;
    }

    bool take(char sign) {
        skip_blanks(rest_);
        if (!rest_.starts_with(sign)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    std::unexpected<Error> syntax_error() const {
        return std::unexpected(
            sql_error("42601", fmt::format("syntax error in tsquery: \"{}\"", text_)));
    }

    std::string_view text_;
    std::string_view rest_;
    std::size_t parts_ = 0;
};

int priority_of(Query::Kind kind) {
    switch (kind) {
        case Query::Kind::Or:
            return 1;
        case Query::Kind::And:
            return 2;
        case Query::Kind::Phrase:
            return 3;
        default:
            return 4;
    }
}

std::string sign_of(const Query& query) {
    if (query.kind == Query::Kind::Or) return " | ";
    if (query.kind == Query::Kind::And) return " & ";
    return query.distance == 1 ? " <-> " : fmt::format(" <{}> ", query.distance);
}

void print_lexeme(const Query& lexeme, std::string& out) {
    append_quoted(lexeme.text, out);
    if (!lexeme.prefix && lexeme.weights == 0) return;
    out += lexeme.prefix ? ":*" : ":";
    for (int weight = 3; weight >= 0; --weight) {
        if ((lexeme.weights >> weight & 1) != 0) out.push_back("DCBA"[weight]);
    }
}

/// `is_right`: of a phrase, which is read from left to right.
void print(const Query& query, int around, bool is_right, std::string& out) {
    if (query.kind == Query::Kind::Lexeme) return print_lexeme(query, out);
    const int priority = priority_of(query.kind);
    const bool wrapped =
        priority < around || (is_right && query.kind == Query::Kind::Phrase && priority == around);
    if (wrapped) out += "( ";
    if (query.kind == Query::Kind::Not) out.push_back('!');
    const std::string sign = sign_of(query);
    for (std::size_t i = 0; i < query.operands.size(); ++i) {
        if (i > 0) out += sign;
        print(query.operands[i], priority, i > 0, out);
    }
    if (wrapped) out += " )";
}

}  // namespace

Result<std::optional<Query>> read_query(std::string_view text) {
    return QueryReader(text).read();
}

std::string print_query(const std::optional<Query>& query) {
    std::string out;
    if (query) print(*query, 0, false, out);
    return out;
}

Result<std::string> parse_query(std::string_view text) {
    const auto query = read_query(text);
    if (!query) return std::unexpected(query.error());
    return print_query(*query);
}

}  // namespace dunlin::full_text
