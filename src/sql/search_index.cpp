#include "sql/search_index.h"

#include <fmt/format.h>

#include "sql/sqlite_text.h"

namespace dunlin::sql {

namespace {

std::string trigger_name(const SearchIndex& index, std::string_view event) {
    return quote_identifier(fmt::format("{}_{}", index.table, event));
}

/// The words of a tsvector are no more than what is asked: no positions, no text of its own.
std::string table_statement(const SearchIndex& index) {
    return fmt::format(
        "create virtual table {} using fts5(lexemes, content='', contentless_delete=1, "
        "detail=none, tokenize=\"ascii tokenchars '_'\")",
        quote_identifier(index.table));
}

std::string document(const SearchIndex& index, std::string_view row) {
    return fmt::format("pg_search_document({})", index.vector_over(row));
}

/// Whether an UPDATE changes what is indexed: by the bytes, whatever the column's collation.
std::string changed(const Table& table, const SearchIndex& index) {
    std::string out = fmt::format("old.{0} <> new.{0}", table.row_number());
    for (const std::string& column : index.columns) {
        out += fmt::format(" or old.{0} is not new.{0} collate binary", quote_identifier(column));
    }
    return out;
}

}  // namespace

std::vector<std::string> search_index_statements(const Table& table, const SearchIndex& index) {
    const std::string words = quote_identifier(index.table);
    const std::string rows = quote_identifier(table.storage_name());
    const std::string_view number = table.row_number();
    const std::string add = fmt::format("insert into {} (rowid, lexemes) values (new.{}, {});",
                                        words, number, document(index, "new"));
    const std::string remove = fmt::format("delete from {} where rowid = old.{};", words, number);
    return {
        table_statement(index),
        fmt::format("insert into {} (rowid, lexemes) select {}.{}, {} from {}", words, rows, number,
                    document(index, rows), rows),
        fmt::format("create trigger {} after insert on {} begin {} end",
                    trigger_name(index, "insert"), rows, add),
        fmt::format("create trigger {} after delete on {} begin {} end",
                    trigger_name(index, "delete"), rows, remove),
        fmt::format("create trigger {} after update on {} when {} begin {} {} end",
                    trigger_name(index, "update"), rows, changed(table, index), remove, add),
    };
}

std::vector<std::string> search_drop_statements(const SearchIndex& index) {
    std::vector<std::string> statements;
    for (const std::string_view event : {"insert", "delete", "update"})
        statements.push_back("drop trigger if exists " + trigger_name(index, event));
    statements.push_back("drop table if exists " + quote_identifier(index.table));
    return statements;
}

}  // namespace dunlin::sql
