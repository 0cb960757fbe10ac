// Any filter of a subscription is parsed or refused, and then decides about a row.
#include <cstddef>
#include <cstdint>

#include "core/schema.h"
#include "realtime/live_filter.h"

using namespace dunlin;

namespace {

Table table_of_some_types() {
    Table table{.name = "things"};
    const TypeKind kinds[] = {TypeKind::Text,       TypeKind::Text,    TypeKind::Int8,
                              TypeKind::Text,       TypeKind::Numeric, TypeKind::Bool,
                              TypeKind::TimestampTz};
    for (std::size_t i = 0; i < std::size(kinds); ++i) {
        table.columns.push_back(
            {.name = std::string(1, static_cast<char>('a' + i)), .type = {.kind = kinds[i]}});
    }
    return table;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Table table = table_of_some_types();
    static const Row row = {Value("x"),    Value("y,z"),         Value(std::int64_t{7}), Value(),
                            Value("1.50"), Value::boolean(true), Value(std::int64_t{0})};
    const auto filter =
        realtime::parse_live_filter(table, {reinterpret_cast<const char*>(data), size});
    if (filter) (void)filter->matches(row);
    return 0;
}
