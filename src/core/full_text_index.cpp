#include "core/full_text_index.h"

#include <fmt/format.h>

namespace dunlin::full_text {

namespace {

/// FTS5's parser has a stack of 100 entries, and each level of parentheses takes some.
constexpr int depth_max = 16;

/// FTS5 reads all words with a beginning at once, which no time limit interrupts.
constexpr int prefixes_max = 4;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80;
}

/// A lexeme may have blanks and signs, which would end a word of FTS5's tokenizer. That two lexemes
/// become one word does no harm.
void append_word(std::string_view lexeme, std::string& out) {
    for (const char c : lexeme) out.push_back(is_letter_or_digit(c) ? c : '_');
}

/// Writes the parts of one query that say something.
class IndexQuery {
public:
    std::optional<std::string> part(const Query& query, int depth) {
        if (depth > depth_max) return std::nullopt;
        switch (query.kind) {
            case Query::Kind::Lexeme:
                return word(query);
            case Query::Kind::Not:
                return std::nullopt;
            default:
                return joined(query, depth);
        }
    }

private:
    std::optional<std::string> word(const Query& query) {
        if (query.prefix && ++prefixes_ > prefixes_max) return std::nullopt;
        std::string out = "\"";
        append_word(query.text, out);
        return out + (query.prefix ? "\"*" : "\"");
    }

    /// Of operands that all have to match, those that say something; of alternatives all or none.
    std::optional<std::string> joined(const Query& query, int depth) {
        const bool alternatives = query.kind == Query::Kind::Or;
        std::string out;
        for (const Query& operand : query.operands) {
            const auto one = part(operand, depth + 1);
            if (!one && alternatives) return std::nullopt;
            if (!one) continue;
            out += (out.empty() ? "" : alternatives ? " OR " : " AND ") + *one;
        }
        if (out.empty()) return std::nullopt;
        return "(" + out + ")";
    }

    int prefixes_ = 0;
};

}  // namespace

std::string index_document(const Vector& vector) {
    std::string out(every_document);
    for (const Lexeme& lexeme : vector) {
        out.push_back(' ');
        append_word(lexeme.text, out);
    }
    return out;
}

std::string no_document() {
    return "\"\"";
}

std::optional<std::string> index_query(const std::optional<Query>& query) {
    return query ? IndexQuery().part(*query, 0) : no_document();
}

std::string index_query_or_all(const std::optional<Query>& query) {
    return index_query(query).value_or(fmt::format("\"{}\"", every_document));
}

}  // namespace dunlin::full_text
