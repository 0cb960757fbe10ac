// Any query string is parsed or refused; what is parsed is written as SQL for a table of every
// type.
#include "query/rest_query.h"

#include <cstddef>
#include <cstdint>

#include "query/read_plan.h"

using namespace dunlin;

namespace {

Table table_of_every_type() {
    Table table{.name = "things"};
    const TypeKind kinds[] = {TypeKind::Int8,  TypeKind::Text,       TypeKind::Uuid,
                              TypeKind::Bool,  TypeKind::Numeric,    TypeKind::Date,
                              TypeKind::Jsonb, TypeKind::TimestampTz};
    for (std::size_t i = 0; i < std::size(kinds); ++i) {
        table.columns.push_back(
            {.name = std::string(1, static_cast<char>('a' + i)), .type = {.kind = kinds[i]}});
    }
    table.primary_key = {.name = "things_pkey", .columns = {0}};
    return table;
}

/// Each row of `parts` belongs to a thing, and each thing may belong to another.
Schema related_tables() {
    Schema schema;
    Table things = table_of_every_type();
    things.foreign_keys = {{"things_h_fkey", {7}, "public", "things", {"a"}}};
    Table parts = table_of_every_type();
    parts.name = "parts";
    parts.foreign_keys = {{"parts_b_fkey", {1}, "public", "things", {"a"}}};
    schema.tables = {{{"public", "things"}, things}, {{"public", "parts"}, parts}};
    return schema;
}

Result<query::RelationSource> source_of(const Table& table, std::string_view) {
    return query::RelationSource{table.name};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Schema schema = related_tables();
    static const Table& table = *schema.find("public", "things");
    static const query::Relationships relationships(schema);
    static const query::ReadContext context{relationships, source_of, query::RowSource::Stored,
                                            1000, true};
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    while (!rest.empty()) {
        const auto end = rest.find('&');
        const auto pair = rest.substr(0, end);
        const auto equals = pair.find('=');
        parameters.emplace_back(pair.substr(0, equals),
                                equals == pair.npos ? "" : pair.substr(equals + 1));
        rest = end == rest.npos ? "" : rest.substr(end + 1);
    }
    const auto parsed = query::parse_rest_query(parameters);
    if (!parsed) return 0;
    (void)query::plan_read(table, *parsed, context);
    (void)query::delete_sql(table, *parsed, {});
    return 0;
}
