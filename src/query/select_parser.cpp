#include <fmt/format.h>

#include <array>

#include "core/limits.h"
#include "query/parsers.h"

namespace dunlin::query {

namespace {

constexpr std::size_t hints_max = 2;
constexpr std::array<std::string_view, 5> aggregates = {"sum", "avg", "count", "max", "min"};

Parsed<std::vector<SelectItem>> read_items(Cursor& cursor, std::size_t depth);

/// `::type`, or nothing.
Parsed<std::string> read_cast(Cursor& cursor) {
    if (!cursor.take("::")) return std::string();
    auto name = read_name(cursor);
    if (name && cursor.take("[]")) *name += "[]";
    return name;
}

/// `!hint!inner(items)`
Parsed<void> read_relation(Cursor& cursor, SelectItem& item, std::size_t depth) {
    item.kind = SelectItem::Kind::Relation;
    while (item.hints.size() < hints_max && cursor.take("!")) {
        auto hint = read_name(cursor);
        if (!hint) return std::unexpected(hint.error());
        item.hints.push_back(std::move(*hint));
    }
    if (!cursor.take("(")) return cursor.fail("\"(\"");
    auto items = read_items(cursor, depth + 1);
    if (!items) return std::unexpected(items.error());
    item.items = std::move(*items);
    if (!cursor.take(")")) return cursor.fail("\",\" or \")\"");
    return {};
}

/// `.sum()::type`, or nothing.
Parsed<void> read_aggregate(Cursor& cursor, SelectItem& item) {
    if (!cursor.take(".")) return {};
    for (const auto name : aggregates) {
        if (!cursor.take(name)) continue;
        item.aggregate = name;
        if (!cursor.take("()")) return cursor.fail("\"()\"");
        auto cast = read_cast(cursor);
        if (!cast) return std::unexpected(cast.error());
        item.aggregate_cast = std::move(*cast);
        return {};
    }
    return cursor.fail("\"sum\", \"avg\", \"count\", \"max\" or \"min\"");
}

/// `->path::cast.aggregate()::cast`
Parsed<void> read_field_rest(Cursor& cursor, SelectItem& item) {
    auto path = read_json_path(cursor);
    if (!path) return std::unexpected(path.error());
    item.field.path = std::move(*path);
    auto cast = read_cast(cursor);
    if (!cast) return std::unexpected(cast.error());
    item.cast = std::move(*cast);
    return read_aggregate(cursor, item);
}

Parsed<void> read_count(Cursor& cursor, SelectItem& item) {
    item.kind = SelectItem::Kind::Count;
    auto cast = read_cast(cursor);
    if (!cast) return std::unexpected(cast.error());
    item.cast = std::move(*cast);
    return {};
}

Parsed<void> read_named(Cursor& cursor, SelectItem& item, std::size_t depth) {
    auto name = read_name(cursor);
    if (name && !item.spread && cursor.peek() == ':' && !cursor.ahead("::")) {
        cursor.skip(1);
        item.alias = std::move(*name);
        name = read_name(cursor);
    }
    if (!name) return std::unexpected(name.error());
    if (!item.spread && *name == "count" && cursor.take("()")) return read_count(cursor, item);
    if (item.spread || cursor.peek() == '!' || cursor.peek() == '(') {
        item.relation = std::move(*name);
        return read_relation(cursor, item, depth);
    }
    item.field.column = std::move(*name);
    return read_field_rest(cursor, item);
}

Parsed<SelectItem> read_item(Cursor& cursor, std::size_t depth) {
    SelectItem item;
    cursor.skip_blanks();
    if (cursor.take("*")) {
        item.kind = SelectItem::Kind::All;
    } else {
        item.spread = cursor.take("...");
        const auto done = read_named(cursor, item, depth);
        if (!done) return std::unexpected(done.error());
    }
    cursor.skip_blanks();
    return item;
}

Parsed<std::vector<SelectItem>> read_items(Cursor& cursor, std::size_t depth) {
    if (depth > limits::embed_depth_max) {
        return Cursor::refuse(limit_error(
            fmt::format("relations are embedded at most {} levels deep", limits::embed_depth_max)));
    }
    std::vector<SelectItem> items;
    if (cursor.at_end() || cursor.peek() == ')') return items;
    do {
        auto item = read_item(cursor, depth);
        if (!item) return std::unexpected(item.error());
        items.push_back(std::move(*item));
    } while (cursor.take(","));
    return items;
}

}  // namespace

Parsed<std::vector<SelectItem>> read_select(Cursor& cursor) {
    auto items = read_items(cursor, 0);
    if (items && !cursor.at_end()) {
        return cursor.fail("\"->>\", \"->\", \"::\", \".\", \",\" or end of input");
    }
    return items;
}

}  // namespace dunlin::query
