#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "core/value.h"

namespace dunlin {

/// One stored value that belongs to somebody else: a Value, or a column of the row that the engine
/// stands on. Cheap to copy.
class ValueView {
public:
    ValueView() = default;  // NULL
    // Implicit, as a std::string becomes a std::string_view.
    ValueView(const Value& value) {
        if (value.is_integer()) data_ = value.integer();
        if (value.is_real()) data_ = value.real();
        if (value.is_text()) data_ = std::string_view(value.text());
        if (value.is_blob()) data_ = Bytes{value.bytes()};
    }
    static ValueView of_integer(std::int64_t integer) { return ValueView(Data(integer)); }
    static ValueView of_real(double real) { return ValueView(Data(real)); }
    static ValueView of_text(std::string_view text) { return ValueView(Data(text)); }
    static ValueView of_blob(std::string_view bytes) { return ValueView(Data(Bytes{bytes})); }

    bool is_null() const { return data_.index() == 0; }
    bool is_integer() const { return data_.index() == 1; }
    bool is_real() const { return data_.index() == 2; }
    bool is_text() const { return data_.index() == 3; }
    bool is_blob() const { return data_.index() == 4; }

    // Each of these needs the matching is_...().
    std::int64_t integer() const { return std::get<1>(data_); }
    double real() const { return std::get<2>(data_); }
    std::string_view text() const { return std::get<3>(data_); }
    std::string_view bytes() const { return std::get<4>(data_).bytes; }

    /// A copy that lasts.
    Value value() const {
        if (is_integer()) return Value(integer());
        if (is_real()) return Value(real());
        if (is_text()) return Value(text());
        if (is_blob()) return Value(Blob{std::string(bytes())});
        return {};
    }

private:
    struct Bytes {
        std::string_view bytes;
    };
    using Data = std::variant<std::monostate, std::int64_t, double, std::string_view, Bytes>;
    explicit ValueView(Data data) : data_(data) {}

    Data data_;
};

}  // namespace dunlin
