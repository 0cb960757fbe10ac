#include <fmt/format.h>

#include <algorithm>

#include "core/full_text_configuration.h"
#include "core/full_text_index.h"
#include "query/sql_builder.h"

/// Full-text searches; docs/formats/types.md says what they call.
namespace dunlin::query {

namespace {

struct SearchForm {
    std::string_view kind;  // as SQL text has it
    full_text::QueryForm form;
};

SearchForm search_form(FilterOperator op) {
    switch (op) {
        case FilterOperator::Plfts:
            return {"plain", full_text::QueryForm::Plain};
        case FilterOperator::Phfts:
            return {"phrase", full_text::QueryForm::Phrase};
        case FilterOperator::Wfts:
            return {"web", full_text::QueryForm::Web};
        default:
            return {"tsquery", full_text::QueryForm::Expression};
    }
}

/// The function that searches values of a type; "" for a type that has no words.
std::string_view search_function(const Type& type) {
    if (type.array) return "";
    switch (type.kind) {
        case TypeKind::TsVector:
            return "pg_fts_match_vector";
        case TypeKind::Json:
        case TypeKind::Jsonb:
            return "pg_fts_match_json";
        case TypeKind::Text:
        case TypeKind::Varchar:
        case TypeKind::Char:
            return "pg_fts_match";
        default:
            return "";
    }
}

/// The tsvectors of a field, as an index over one of them would be written. Text that is NULL
/// matches nothing, so an index that takes it for empty serves as well.
std::vector<std::string> vectors_of(const FieldExpression& field, std::string_view configuration) {
    std::string_view sql = field.sql;
    const bool in_parentheses = field.column == nullptr && sql.starts_with('(');
    if (in_parentheses) sql = sql.substr(1, sql.size() - 2);
    if (field.type.kind == TypeKind::TsVector) return {std::string(sql)};
    const bool json = field.type.kind == TypeKind::Json || field.type.kind == TypeKind::Jsonb;
    const auto vector = [&](std::string_view searched) {
        return fmt::format("{}({}, {})", json ? "pg_json_to_tsvector" : "pg_to_tsvector",
                           quote_literal(configuration), searched);
    };
    return {vector(sql), vector(fmt::format("coalesce({}, '')", sql))};
}

const SearchIndex* find_index(const Scope& scope, const FieldExpression& field,
                              std::string_view configuration) {
    if (!scope.stored) return nullptr;
    const auto vectors = vectors_of(field, configuration);
    // A computed column writes the name of the row in quotes.
    const std::string row =
        field.column == nullptr ? quote_identifier(scope.alias) : std::string(scope.alias);
    for (const Index& index : scope.table.indexes) {
        if (!index.search) continue;
        const bool same =
            std::ranges::find(vectors, index.search->vector_over(row)) != vectors.end();
        if (same) return &*index.search;
    }
    return nullptr;
}

/// `row number in (…)`: the rows that an index finds for the search; "" without an index, and for a
/// search that leaves no row out or is refused when it runs.
std::string indexed_rows(const Scope& scope, const FieldExpression& field, const Filter& filter,
                         std::string_view configuration_name, Parameters& parameters) {
    const auto configuration = full_text::find_configuration(configuration_name);
    if (!configuration) return {};
    const SearchIndex* index = find_index(scope, field, (*configuration)->name);
    if (index == nullptr) return {};
    const auto query =
        full_text::to_query(search_form(filter.op).form, **configuration, filter.value);
    if (!query) return {};
    auto words = full_text::index_query(*query);
    if (!words) return {};
    return fmt::format("{0}.{1} in (select rowid from {2} where {2} match {3})", scope.alias,
                       scope.table.row_number(), quote_identifier(index->table),
                       parameters.add(Value(std::move(*words))));
}

}  // namespace

Result<std::string> search_filter(const Scope& scope, const FieldExpression& field,
                                  const Filter& filter, Sense sense, Parameters& parameters) {
    const std::string_view function = search_function(field.type);
    if (function.empty()) {
        return std::unexpected(sql_error(
            "42883",
            fmt::format("function to_tsvector({}) does not exist", sql_type_name(field.type)), "",
            "No function matches the given name and argument types. You might need to "
            "add explicit type casts."));
    }
    const std::string_view configuration =
        filter.config.empty() ? full_text::default_configuration : std::string_view(filter.config);
    auto wanted = read_value(Type{TypeKind::Text}, filter.value);
    auto config = read_value(Type{TypeKind::Text}, configuration);
    if (!wanted) return std::unexpected(wanted.error());
    if (!config) return std::unexpected(config.error());
    const std::string matches =
        fmt::format("{}({}, {}, '{}', {})", function, field.sql, parameters.add(std::move(*wanted)),
                    search_form(filter.op).kind, parameters.add(std::move(*config)));
    // Under NOT a row that the index leaves out would come back, also one whose field is NULL.
    if (sense == Sense::Negated) return matches;
    const std::string indexed = indexed_rows(scope, field, filter, configuration, parameters);
    return indexed.empty() ? matches : fmt::format("({} and {})", indexed, matches);
}

}  // namespace dunlin::query
