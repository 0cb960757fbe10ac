#include "query/parsers.h"

namespace dunlin::query {

namespace {

/// `.asc|.desc`, then `.nullsfirst|.nullslast`; both may be missing.
void read_direction(Cursor& cursor, OrderItem& item) {
    if (cursor.take(".desc"))
        item.descending = true;
    else
        cursor.take(".asc");
    if (cursor.take(".nullsfirst"))
        item.nulls_first = true;
    else if (cursor.take(".nullslast"))
        item.nulls_first = false;
}

Parsed<OrderItem> read_item(Cursor& cursor) {
    OrderItem item;
    cursor.skip_blanks();
    auto field = read_field(cursor);
    if (field && field->path.empty() && cursor.take("(")) {
        item.relation = std::move(field->column);
        field = read_field(cursor);
        if (field && !cursor.take(")")) return cursor.fail("\")\"");
    }
    if (!field) return std::unexpected(field.error());
    item.field = std::move(*field);
    read_direction(cursor, item);
    cursor.skip_blanks();
    if (cursor.at_end() || cursor.peek() == ',') return item;
    if (cursor.take(".")) return cursor.fail("\"asc\", \"desc\", \"nullsfirst\" or \"nullslast\"");
    return cursor.fail("\".\", \",\" or end of input");
}

}  // namespace

Parsed<std::vector<OrderItem>> read_order(Cursor& cursor) {
    std::vector<OrderItem> items;
    do {
        auto item = read_item(cursor);
        if (!item) return std::unexpected(item.error());
        items.push_back(std::move(*item));
    } while (cursor.take(","));
    return items;
}

}  // namespace dunlin::query
