// Full-text search over texts, JSON and stored vectors (docs/guide/full-text-search.md).
#include "core/full_text.h"

#include <unordered_map>

#include "core/codec_json_tree.h"
#include "core/full_text_configuration.h"
#include "core/full_text_index.h"
#include "core/full_text_rank.h"
#include "core/functions/arguments.h"

namespace dunlin::functions {

namespace {

using full_text::Configuration;
using full_text::QueryForm;
using ParsedQuery = Result<std::optional<full_text::Query>>;

/// The last of the arguments is the text; the one before it names the configuration.
Result<const Configuration*> configuration_before(Arguments a) {
    return full_text::find_configuration(a.size() > 1 ? text_of(a[a.size() - 2])
                                                      : full_text::default_configuration);
}

using ToVector = Result<full_text::Vector> (*)(const Configuration&, std::string_view);

/// ([configuration,] text)
template <ToVector to_vector>
Outcome make_vector(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto configuration = configuration_before(a);
    if (!configuration) return std::unexpected(configuration.error());
    const auto vector = to_vector(**configuration, text_of(a.back()));
    if (!vector) return std::unexpected(vector.error());
    return Value(full_text::print_vector(*vector));
}

Result<QueryForm> form_of(std::string_view kind) {
    if (kind == "tsquery") return QueryForm::Expression;
    if (kind == "plain") return QueryForm::Plain;
    if (kind == "phrase") return QueryForm::Phrase;
    if (kind == "web") return QueryForm::Web;
    return std::unexpected(sql_error("22023", "unknown form of a search: " + std::string(kind)));
}

/// (kind, [configuration,] text)
Outcome pg_to_tsquery(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto form = form_of(text_of(a[0]));
    const auto configuration = configuration_before(a.subspan(1));
    if (!form) return std::unexpected(form.error());
    if (!configuration) return std::unexpected(configuration.error());
    const auto query = full_text::to_query(*form, **configuration, text_of(a.back()));
    if (!query) return std::unexpected(query.error());
    return Value(full_text::print_query(*query));
}

constexpr std::size_t queries_kept_max = 16;

/// A query is the same for every row of a statement: this thread keeps the last ones it has read.
template <typename Read>
const ParsedQuery& kept_query(std::string_view key, Read read) {
    thread_local std::unordered_map<std::string, ParsedQuery> kept;
    if (const auto found = kept.find(std::string(key)); found != kept.end()) return found->second;
    if (kept.size() >= queries_kept_max) kept.clear();
    return kept.emplace(key, read()).first->second;
}

const ParsedQuery& stored_query(std::string_view text) {
    return kept_query(text, [&] { return full_text::read_query(text); });
}

Outcome answer(const Result<full_text::Vector>& vector, const ParsedQuery& query) {
    if (!vector) return std::unexpected(vector.error());
    if (!query) return std::unexpected(query.error());
    return Value::boolean(full_text::matches(*vector, *query));
}

Outcome answer_stored(std::string_view vector, const ParsedQuery& query) {
    if (query && !full_text::may_match(vector, *query)) return Value::boolean(false);
    return answer(full_text::read_vector(vector), query);
}

/// (vector, query)
Outcome pg_tsvector_matches(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    return answer_stored(text_of(a[0]), stored_query(text_of(a[1])));
}

/// The query of (searched, query text, kind, configuration).
Result<const ParsedQuery*> wanted_query(Arguments a) {
    const auto form = form_of(text_of(a[2]));
    const auto configuration = full_text::find_configuration(text_of(a[3]));
    if (!form) return std::unexpected(form.error());
    if (!configuration) return std::unexpected(configuration.error());
    std::string key;
    for (const std::size_t part : {2, 3, 1}) key.append(text_of(a[part])).push_back('\0');
    return &kept_query(key,
                       [&] { return full_text::to_query(*form, **configuration, text_of(a[1])); });
}

template <ToVector to_vector>
Outcome match(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto query = wanted_query(a);
    const auto configuration = full_text::find_configuration(text_of(a[3]));
    if (!query) return std::unexpected(query.error());
    return answer(to_vector(**configuration, text_of(a[0])), **query);
}

Outcome pg_fts_match_vector(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto query = wanted_query(a);
    if (!query) return std::unexpected(query.error());
    return answer_stored(text_of(a[0]), **query);
}

/// The positions of the second vector go on behind those of the first.
Outcome pg_tsvector_concat(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto left = full_text::read_vector(text_of(a[0]));
    auto right = full_text::read_vector(text_of(a[1]));
    if (!left) return std::unexpected(left.error());
    if (!right) return std::unexpected(right.error());
    int last = 0;
    for (const auto& lexeme : *left) {
        if (!lexeme.positions.empty()) last = std::max<int>(last, lexeme.positions.back().at);
    }
    for (auto& lexeme : *right) {
        for (auto& position : lexeme.positions)
            position.at = static_cast<std::uint16_t>(std::min(position.at + last, 16383));
        left->push_back(std::move(lexeme));
    }
    full_text::normalize(*left);
    return Value(full_text::print_vector(*left));
}

/// (vector, "A" to "D")
Outcome pg_setweight(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto vector = full_text::read_vector(text_of(a[0]));
    if (!vector) return std::unexpected(vector.error());
    const auto letter = text_of(a[1]);
    const auto weight = letter.size() == 1 ? std::string_view("DCBAdcba").find(letter.front())
                                           : std::string_view::npos;
    if (weight == std::string_view::npos) {
        return std::unexpected(
            sql_error("22023", "unrecognized weight: \"" + std::string(letter) + "\""));
    }
    for (auto& lexeme : *vector) {
        for (auto& position : lexeme.positions)
            position.weight = static_cast<full_text::Weight>(weight % 4);
    }
    return Value(full_text::print_vector(*vector));
}

Outcome pg_tsvector_strip(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto vector = full_text::read_vector(text_of(a[0]));
    if (!vector) return std::unexpected(vector.error());
    for (auto& lexeme : *vector) lexeme.positions.clear();
    return Value(full_text::print_vector(*vector));
}

Outcome pg_tsvector_length(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto vector = full_text::read_vector(text_of(a[0]));
    if (!vector) return std::unexpected(vector.error());
    return Value(static_cast<std::int64_t>(vector->size()));
}

/// The stored array of numbers {D, C, B, A}.
Result<full_text::RankWeights> rank_weights(std::string_view array) {
    full_text::RankWeights weights = full_text::default_rank_weights;
    const auto tree = codec::parse_json_tree(array, codec::JsonEscapes::Decode);
    if (!tree || tree->items.size() < weights.size())
        return std::unexpected(sql_error("2202E", "array of weight is too short"));
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const float given = std::strtof(tree->items[i].text.c_str(), nullptr);
        if (given > 1) return std::unexpected(sql_error("22023", "weight out of range"));
        if (given >= 0) weights[i] = given;  // a negative one stands for the default
    }
    return weights;
}

/// ([weights or NULL], vector, query, normalization)
Outcome pg_ts_rank(Arguments a, const FunctionContext&) {
    if (any_null(a.subspan(1))) return Value();
    Result<full_text::RankWeights> weights = full_text::default_rank_weights;
    if (!a[0].is_null()) weights = rank_weights(text_of(a[0]));
    if (!weights) return std::unexpected(weights.error());
    const auto vector = full_text::read_vector(text_of(a[1]));
    const auto& query = stored_query(text_of(a[2]));
    if (!vector) return std::unexpected(vector.error());
    if (!query) return std::unexpected(query.error());
    const auto rank = full_text::rank(*weights, *vector, *query, a[3].integer());
    if (!rank) return std::unexpected(rank.error());
    return Value(static_cast<double>(*rank));
}

template <full_text::Query::Kind kind>
Outcome join_queries(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto left = full_text::read_query(text_of(a[0]));
    const auto right = full_text::read_query(text_of(a[1]));
    if (!left) return std::unexpected(left.error());
    if (!right) return std::unexpected(right.error());
    if (!*left) return a[1];
    if (!*right) return a[0];
    const full_text::Query joined{.kind = kind, .operands = {**left, **right}};
    return Value(full_text::print_query(joined));
}

/// (vector): what an FTS5 index keeps of it.
Outcome pg_search_document(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto vector = full_text::read_vector(text_of(a[0]));
    if (!vector) return std::unexpected(vector.error());
    return Value(full_text::index_document(*vector));
}

/// (query): what an FTS5 index is asked for it. FTS5 takes no NULL.
Outcome pg_search_query(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value(full_text::no_document());
    const auto& query = stored_query(text_of(a[0]));
    if (!query) return std::unexpected(query.error());
    return Value(full_text::index_query_or_all(*query));
}

constexpr ScalarFunction entries[] = {
    {"pg_fts_match", 4, 4, true, match<full_text::to_vector>},
    {"pg_fts_match_json", 4, 4, true, match<full_text::json_to_vector>},
    {"pg_fts_match_vector", 4, 4, true, pg_fts_match_vector},
    {"pg_json_to_tsvector", 1, 2, true, make_vector<full_text::json_to_vector>},
    {"pg_search_document", 1, 1, true, pg_search_document},
    {"pg_search_query", 1, 1, true, pg_search_query},
    {"pg_setweight", 2, 2, true, pg_setweight},
    {"pg_to_tsquery", 2, 3, true, pg_to_tsquery},
    {"pg_to_tsvector", 1, 2, true, make_vector<full_text::to_vector>},
    {"pg_ts_rank", 4, 4, true, pg_ts_rank},
    {"pg_tsquery_and", 2, 2, true, join_queries<full_text::Query::Kind::And>},
    {"pg_tsquery_or", 2, 2, true, join_queries<full_text::Query::Kind::Or>},
    {"pg_tsquery_phrase", 2, 2, true, join_queries<full_text::Query::Kind::Phrase>},
    {"pg_tsvector_concat", 2, 2, true, pg_tsvector_concat},
    {"pg_tsvector_length", 1, 1, true, pg_tsvector_length},
    {"pg_tsvector_matches", 2, 2, true, pg_tsvector_matches},
    {"pg_tsvector_strip", 1, 1, true, pg_tsvector_strip},
};

}  // namespace

std::span<const ScalarFunction> full_text_functions() {
    return entries;
}

}  // namespace dunlin::functions
