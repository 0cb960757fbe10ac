#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

/// The URL grammar of PostgREST as a tree; names are not resolved yet. Pure.
namespace dunlin::query {

/// `data->a->>0`: a column and a JSON path into it.
struct FieldPath {
    std::string column;
    struct Step {
        std::string key;       // a name or a decimal index
        bool as_text = false;  // ->> instead of ->
        bool index = false;    // the key is an index (maybe negative)
        friend bool operator==(const Step&, const Step&) = default;
    };
    std::vector<Step> path{};
    friend bool operator==(const FieldPath&, const FieldPath&) = default;
};

struct SelectItem {
    enum class Kind : std::uint8_t { All, Field, Count, Relation };
    Kind kind = Kind::Field;
    std::string alias{};
    FieldPath field{};
    std::string cast{};
    std::string aggregate{};  // sum, avg, count, max, min
    std::string aggregate_cast{};
    // Relation: name, hints ("fk_name", "inner", "left"), nested items.
    std::string relation{};
    std::vector<std::string> hints{};
    bool spread = false;
    std::vector<SelectItem> items{};
};

enum class FilterOperator : std::uint8_t {
    Eq,
    Neq,
    Lt,
    Lte,
    Gt,
    Gte,
    Like,
    ILike,
    Match,
    IMatch,
    In,
    Is,
    IsDistinct,
    Contains,
    ContainedBy,
    Overlaps,
    Fts,
    Plfts,
    Phfts,
    Wfts,
    RangeStrictlyRight,
    RangeStrictlyLeft,
    RangeNotLeft,
    RangeNotRight,
    RangeAdjacent,
};

enum class Quantifier : std::uint8_t { None, Any, All };

/// A condition, or a tree of them.
struct Filter {
    enum class Kind : std::uint8_t { Condition, And, Or };
    Kind kind = Kind::Condition;
    bool negated = false;
    std::vector<std::string> relation_path{};  // "rel.nested" before the column, or `and`, `or`
    // Condition
    FieldPath field{};
    FilterOperator op = FilterOperator::Eq;
    Quantifier quantifier = Quantifier::None;
    std::string value{};               // decoded; of Is: null, not_null, true, false or unknown
    std::vector<std::string> items{};  // In, and any/all lists
    std::string config{};              // fts(config)
    // And, Or
    std::vector<Filter> children{};
};

struct OrderItem {
    std::string relation{};  // rel(col)
    FieldPath field{};
    bool descending = false;
    std::optional<bool>
        nulls_first{};  // unset: PostgreSQL's default (last for asc, first for desc)
};

/// `rel.nested.order`, `.limit` and `.offset`: one of them.
struct EmbeddedOption {
    std::vector<std::string> relation_path;
    std::vector<OrderItem> order{};
    std::optional<std::uint64_t> limit{};
    std::optional<std::uint64_t> offset{};
};

/// Everything in the query string of one request to /rest/v1/{table}.
struct RestQuery {
    std::vector<SelectItem> select{};  // empty: everything
    std::vector<Filter> filters{};     // all must hold
    std::vector<OrderItem> order{};
    std::optional<std::uint64_t> limit{};
    std::optional<std::uint64_t> offset{};
    std::vector<std::string> columns{};  // ?columns= of a bulk insert
    std::vector<std::string> on_conflict{};
    std::vector<EmbeddedOption> embedded{};
};

/// `parameters` are decoded, in the order of the URL. Of `select`, `order`, `limit`, `offset`,
/// `columns` and `on_conflict` the last one counts; `apikey` is not a filter. Fails with PGRST100
/// and PostgREST's text with position for bad grammar; LimitExceeded over limits::filters_max,
/// filter_depth_max, in_items_max.
Result<RestQuery> parse_rest_query(
    const std::vector<std::pair<std::string, std::string>>& parameters);

}  // namespace dunlin::query
