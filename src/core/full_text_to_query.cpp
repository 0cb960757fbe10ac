#include <fmt/format.h>

#include <algorithm>

#include "core/full_text_configuration.h"
#include "core/full_text_words.h"
#include "core/letters.h"
#include "core/limits.h"

namespace dunlin::full_text {

namespace {

Query stop() {
    return {.kind = Query::Kind::Stop, .operands = {}};
}

Query join(Query::Kind kind, Query left, Query right) {
    Query joined{.kind = kind, .operands = {}};
    if (kind != Query::Kind::Phrase && left.kind == kind)
        joined = std::move(left);
    else
        joined.operands.push_back(std::move(left));
    joined.operands.push_back(std::move(right));
    return joined;
}

/// Turns operands into the lexemes of their words.
class Analysis {
public:
    explicit Analysis(const Configuration& configuration) : configuration_(configuration) {}

    /// The words of `text`, joined; Stop when all of them are stop words. One between two others
    /// keeps its place.
    Result<Query> words(std::string_view text, Query::Kind joined_by, const Query& like = {}) {
        std::optional<Query> all;
        int stops = 0;
        TokenReader reader(text);
        for (Token token; reader.next(token);) {
            if (++words_ > limits::search_terms_max) {
                return std::unexpected(
                    sql_error("54000", "tsquery is too large", "",
                              fmt::format("At most {} words.", limits::search_terms_max)));
            }
            Query word{.text = lexeme_of(configuration_, token),
                       .prefix = like.prefix,
                       .weights = like.weights,
                       .operands = {}};
            if (word.text.empty()) {
                ++stops;
                continue;
            }
            for (; all && stops > 0; --stops) all = join(joined_by, std::move(*all), stop());
            stops = 0;
            all = all ? join(joined_by, std::move(*all), std::move(word)) : std::move(word);
        }
        return all ? std::move(*all) : stop();
    }

    Result<Query> operands(const Query& query) {
        if (query.kind == Query::Kind::Lexeme) return words(query.text, Query::Kind::Phrase, query);
        Query out{.kind = query.kind, .distance = query.distance, .operands = {}};
        for (const Query& operand : query.operands) {
            auto done = operands(operand);
            if (!done) return done;
            out.operands.push_back(std::move(*done));
        }
        return out;
    }

private:
    const Configuration& configuration_;
    std::size_t words_ = 0;
};

/// What is left of a query without its stop words, and how many places the removed ones took at
/// its left and right end.
struct Cleaned {
    std::optional<Query> query;
    int left = 0;
    int right = 0;
};

Cleaned clean(Query query);

Cleaned clean_phrase(Query query) {
    Cleaned left = clean(std::move(query.operands[0]));
    Cleaned right = clean(std::move(query.operands[1]));
    if (!left.query && !right.query) {
        const int places = left.left + query.distance + right.left;
        return {std::nullopt, places, places};
    }
    if (!left.query)
        return {std::move(right.query), left.left + query.distance + right.left, right.right};
    if (!right.query)
        return {std::move(left.query), left.left, left.right + query.distance + right.right};
    query.distance += left.right + right.left;
    query.operands[0] = std::move(*left.query);
    query.operands[1] = std::move(*right.query);
    return {std::move(query), left.left, right.right};
}

Cleaned clean(Query query) {
    if (query.kind == Query::Kind::Lexeme) return {std::move(query)};
    if (query.kind == Query::Kind::Stop) return {};
    if (query.kind == Query::Kind::Phrase) return clean_phrase(std::move(query));
    std::vector<Query> kept;
    Cleaned last;
    int places = 0;
    for (Query& operand : query.operands) {
        Cleaned cleaned = clean(std::move(operand));
        places = std::max(places, cleaned.left);
        if (!cleaned.query) continue;
        kept.push_back(std::move(*cleaned.query));
        last = {std::nullopt, cleaned.left, cleaned.right};
    }
    if (kept.empty()) return {std::nullopt, places, places};
    if (kept.size() == 1 && query.kind != Query::Kind::Not)
        return {std::move(kept[0]), last.left, last.right};
    query.operands = std::move(kept);
    return {std::move(query)};
}

/// What people write into a search box.
class WebReader {
public:
    WebReader(std::string_view text, Analysis& analysis) : rest_(text), analysis_(analysis) {}

    Result<Query> read() {
        Query either{.kind = Query::Kind::Or, .operands = {}};
        do {
            auto all = read_all();
            if (!all) return all;
            either.operands.push_back(std::move(*all));
        } while (take_or());
        return either;
    }

private:
    Result<Query> read_all() {
        Query all{.kind = Query::Kind::And, .operands = {}};
        do {
            auto operand = read_operand();
            if (!operand) return operand;
            all.operands.push_back(std::move(*operand));
            skip_blanks(rest_);
        } while (!rest_.empty() && !is_or());
        return all;
    }

    Result<Query> read_operand() {
        int negations = 0;
        for (; !rest_.empty(); rest_.remove_prefix(1)) {
            if (rest_.front() == '-')
                ++negations;
            else if (!is_blank_or_operator(rest_.front()))
                break;
        }
        auto words = analysis_.words(take_words(), Query::Kind::Phrase);
        if (negations > negations_max) negations = negations_max + negations % 2;
        for (; words && negations > 0; --negations) {
            Query negation{.kind = Query::Kind::Not, .operands = {}};
            negation.operands.push_back(std::move(*words));
            words = std::move(negation);
        }
        return words;
    }

    /// The inside of quotes, or up to the next blank or sign.
    std::string_view take_words() {
        std::string_view taken;
        if (rest_.starts_with('"')) {
            rest_.remove_prefix(1);
            taken = rest_.substr(0, rest_.find('"'));
            rest_.remove_prefix(std::min(taken.size() + 1, rest_.size()));
            return taken;
        }
        std::size_t end = 0;
        while (end < rest_.size() && !is_blank_or_operator(rest_[end]) && rest_[end] != '"' &&
               (end == 0 || rest_[end] != ':'))
            ++end;
        taken = rest_.substr(0, end);
        rest_.remove_prefix(end);
        return taken;
    }

    static bool is_blank_or_operator(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r') || std::string_view("!&|()<").contains(c);
    }

    /// `or` as a word of its own with something behind it.
    bool is_or() const {
        if (!letters::starts_with_word(rest_, "or")) return false;
        const auto behind = rest_.substr(2);
        if (behind.empty() || behind.front() == '-' || behind.front() == '_' ||
            letters::length_of_letter(behind) > 0)
            return false;
        return std::ranges::any_of(behind.substr(1),
                                   [](char c) { return c != ' ' && (c < '\t' || c > '\r'); });
    }

    bool take_or() {
        skip_blanks(rest_);
        if (!is_or()) return false;
        rest_.remove_prefix(2);
        return true;
    }

    /// More of them, two by two, mean nothing.
    static constexpr int negations_max = 8;

    std::string_view rest_;
    Analysis& analysis_;
};

}  // namespace

Result<std::optional<Query>> to_query(QueryForm form, const Configuration& configuration,
                                      std::string_view text) {
    Analysis analysis(configuration);
    Result<Query> query = stop();
    if (form == QueryForm::Expression) {
        const auto read = read_query(text);
        if (!read) return std::unexpected(read.error());
        if (*read) query = analysis.operands(**read);
    } else if (form == QueryForm::Web) {
        query = WebReader(text, analysis).read();
    } else {
        const bool phrase = form == QueryForm::Phrase;
        query = analysis.words(text, phrase ? Query::Kind::Phrase : Query::Kind::And);
    }
    if (!query) return std::unexpected(query.error());
    return clean(std::move(*query)).query;
}

}  // namespace dunlin::full_text
