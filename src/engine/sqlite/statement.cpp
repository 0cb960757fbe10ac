#include "engine/sqlite/statement.h"

namespace dunlin::engine::sqlite {

namespace {

std::string copy(const void* bytes, int size) {
    if (size == 0) return {};  // SQLite gives a null pointer for an empty blob.
    return std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

}  // namespace

Value value_of(sqlite3_value* value) {
    switch (sqlite3_value_type(value)) {
        case SQLITE_INTEGER:
            return Value(static_cast<std::int64_t>(sqlite3_value_int64(value)));
        case SQLITE_FLOAT:
            return Value(sqlite3_value_double(value));
        case SQLITE_TEXT: {
            const auto* text = sqlite3_value_text(value);
            return Value(copy(text, sqlite3_value_bytes(value)));
        }
        case SQLITE_BLOB: {
            const auto* bytes = sqlite3_value_blob(value);
            return Value(Blob{copy(bytes, sqlite3_value_bytes(value))});
        }
        default:
            return Value();
    }
}

ValueView column_of(sqlite3_stmt* statement, int column) {
    const auto size = [&] {
        return static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    };
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_INTEGER:
            return ValueView::of_integer(sqlite3_column_int64(statement, column));
        case SQLITE_FLOAT:
            return ValueView::of_real(sqlite3_column_double(statement, column));
        case SQLITE_TEXT: {
            const auto* text = sqlite3_column_text(statement, column);
            return ValueView::of_text({reinterpret_cast<const char*>(text), size()});
        }
        case SQLITE_BLOB: {
            const void* bytes = sqlite3_column_blob(statement, column);
            return ValueView::of_blob({static_cast<const char*>(bytes), size()});
        }
        default:
            return {};
    }
}

int bind(sqlite3_stmt* statement, int index, const Value& value) {
    if (value.is_integer()) return sqlite3_bind_int64(statement, index, value.integer());
    if (value.is_real()) return sqlite3_bind_double(statement, index, value.real());
    if (value.is_text()) {
        const std::string& text = value.text();
        return sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_STATIC,
                                   SQLITE_UTF8);
    }
    if (value.is_blob()) {
        const std::string& bytes = value.bytes();
        return sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), SQLITE_STATIC);
    }
    return sqlite3_bind_null(statement, index);
}

std::size_t bytes_of(ValueView value) {
    if (value.is_text()) return sizeof(Value) + value.text().size();
    if (value.is_blob()) return sizeof(Value) + value.bytes().size();
    return sizeof(Value);
}

}  // namespace dunlin::engine::sqlite
