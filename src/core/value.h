#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dunlin {

/// Bytes of a bytea value.
struct Blob {
    std::string bytes;
    friend auto operator<=>(const Blob&, const Blob&) = default;
};

/// One value as it is stored: NULL, 64-bit integer, double, text or bytes.
///
/// How a PostgreSQL type is stored is the table in docs/formats/values.md (a bool is the integer 0
/// or 1, a timestamptz is microseconds since 1970 UTC, a numeric is its decimal text, ...);
/// core/codec.h converts to and from PostgreSQL's text and JSON.
class Value {
public:
    Value() = default;  // NULL
    explicit Value(std::int64_t integer) : data_(integer) {}
    explicit Value(double real) : data_(real) {}
    explicit Value(std::string text) : data_(std::move(text)) {}
    explicit Value(std::string_view text) : data_(std::string(text)) {}
    explicit Value(const char* text) : data_(std::string(text)) {}
    explicit Value(Blob blob) : data_(std::move(blob)) {}
    explicit Value(bool) = delete;  // Say boolean(): a bool is stored as an integer.

    static Value boolean(bool truth) { return Value(static_cast<std::int64_t>(truth ? 1 : 0)); }

    bool is_null() const { return data_.index() == 0; }
    bool is_integer() const { return data_.index() == 1; }
    bool is_real() const { return data_.index() == 2; }
    bool is_text() const { return data_.index() == 3; }
    bool is_blob() const { return data_.index() == 4; }

    // Each of these needs the matching is_...().
    std::int64_t integer() const { return std::get<1>(data_); }
    double real() const { return std::get<2>(data_); }
    const std::string& text() const { return std::get<3>(data_); }
    const std::string& bytes() const { return std::get<4>(data_).bytes; }

    /// Same storage class and same content; NULL equals NULL here (unlike in SQL).
    friend bool operator==(const Value&, const Value&) = default;

    /// For hash tables; equal values hash alike.
    std::size_t hash() const;

private:
    std::variant<std::monostate, std::int64_t, double, std::string, Blob> data_;
};

struct ValueHash {
    std::size_t operator()(const Value& value) const { return value.hash(); }
};

/// The values of one row, in the order of Table::columns.
using Row = std::vector<Value>;

}  // namespace dunlin
