#include "query/single_upsert.h"

#include <algorithm>

#include "query/sql_builder.h"

namespace dunlin::query {

namespace {

bool is_plain_equality(const Filter& filter) {
    return filter.kind == Filter::Kind::Condition && !filter.negated &&
           filter.op == FilterOperator::Eq && filter.quantifier == Quantifier::None &&
           filter.relation_path.empty() && filter.field.path.empty();
}

const Filter* filter_on(const RestQuery& query, std::string_view column) {
    const auto found = std::ranges::find_if(
        query.filters, [&](const Filter& filter) { return filter.field.column == column; });
    return found == query.filters.end() ? nullptr : &*found;
}

/// All key columns and no other, each once.
bool names_the_key(const Table& table, const RestQuery& query) {
    const auto& key = table.primary_key.columns;
    return !key.empty() && query.filters.size() == key.size() &&
           std::ranges::all_of(query.filters, is_plain_equality) &&
           std::ranges::all_of(key, [&](std::size_t column) {
               return filter_on(query, table.columns[column].name) != nullptr;
           });
}

Error no_match() {
    return Error{ErrorCode::InvalidInput,
                 "Payload values do not match URL in primary key column(s)", "PGRST115"};
}

Result<void> check_column(const Column& column, const Filter& filter, const BodyObject& object) {
    const std::string* given = object.find(column.name);
    if (given == nullptr) return std::unexpected(no_match());
    const auto value = read_json(column.type, *given);
    if (!value) return std::unexpected(value.error());
    const auto wanted = read_value(column.type, filter.value);
    if (!wanted) return std::unexpected(wanted.error());
    return *value == *wanted ? Result<void>() : std::unexpected(no_match());
}

}  // namespace

Result<void> check_single_upsert(const Table& table, const RestQuery& query, const Body& body) {
    if (query.limit || query.offset) {
        return std::unexpected(Error{ErrorCode::InvalidInput,
                                     "limit/offset querystring parameters are not allowed for PUT",
                                     "PGRST114"});
    }
    if (!names_the_key(table, query)) {
        return std::unexpected(
            Error{ErrorCode::MethodNotAllowed,
                  "Filters must include all and only primary key columns with 'eq' operators",
                  "PGRST105"});
    }
    if (body.objects.size() != 1) return std::unexpected(no_match());
    for (const std::size_t index : table.primary_key.columns) {
        const Column& column = table.columns[index];
        const auto same = check_column(column, *filter_on(query, column.name), body.objects[0]);
        if (!same) return same;
    }
    return {};
}

}  // namespace dunlin::query
