// Sums and averages over all values of a group, which come as one JSON array.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

#include "core/functions.h"
#include "core/functions/arguments.h"

namespace dunlin::functions {

namespace {

Outcome call(std::string_view name, std::initializer_list<Value> arguments) {
    return find_scalar_function(name)->call({arguments.begin(), arguments.size()}, {});
}

/// Numbers, or decimals in quotes: nothing in them is a comma or an escape.
std::vector<std::string_view> values_of(const Value& array) {
    std::string_view rest = text_of(array);
    std::vector<std::string_view> values;
    if (rest.size() < 2) return values;
    rest = rest.substr(1, rest.size() - 2);
    while (!rest.empty()) {
        const auto end = std::min(rest.find(','), rest.size());
        std::string_view value = rest.substr(0, end);
        if (value.starts_with('"')) value = value.substr(1, value.size() - 2);
        if (value != "null") values.push_back(value);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return values;
}

double number_of(std::string_view text) {
    double number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc::result_out_of_range) return number;
    const double infinity = std::numeric_limits<double>::infinity();  // SQLite writes 9e999
    return text.starts_with('-') ? -infinity : infinity;
}

bool is_real(const Value& spec) {
    return text_of(spec) == "float8" || text_of(spec) == "float4";
}

Outcome sum_reals(const std::vector<std::string_view>& values, bool narrow) {
    double total = 0;
    bool infinite = false;
    for (const std::string_view text : values) {
        const double value = number_of(text);
        infinite = infinite || std::isinf(value);
        total = narrow ? static_cast<double>(static_cast<float>(total + value)) : total + value;
    }
    if (std::isnan(total))
        return std::unexpected(sql_error("0A000", "NaN is not supported on SQLite"));
    if (std::isinf(total) && !infinite)
        return std::unexpected(sql_error("22003", "value out of range: overflow"));
    return Value(total);
}

Outcome sum_decimals(const std::vector<std::string_view>& values) {
    Value total(values.front());
    for (std::size_t i = 1; i < values.size(); ++i) {
        auto sum = call("pg_numeric_add", {total, Value(values[i])});
        if (!sum) return sum;
        total = std::move(*sum);
    }
    return total;
}

/// `pg_sum(array, type)`: float4 and float8 as they are, all others as numeric.
Outcome pg_sum(Arguments a, const FunctionContext&) {
    const auto values = values_of(a[0]);
    if (values.empty()) return Value();
    return is_real(a[1]) ? sum_reals(values, text_of(a[1]) == "float4") : sum_decimals(values);
}

/// `pg_avg(array, type)`: float8 of reals, numeric of all others.
Outcome pg_avg(Arguments a, const FunctionContext&) {
    const auto values = values_of(a[0]);
    if (values.empty()) return Value();
    auto total = is_real(a[1]) ? sum_reals(values, false) : sum_decimals(values);
    if (!total) return total;
    if (is_real(a[1])) return Value(total->real() / static_cast<double>(values.size()));
    return call("pg_numeric_div", {*total, Value(std::to_string(values.size()))});
}

constexpr ScalarFunction functions_here[] = {
    {"pg_avg", 2, 2, true, pg_avg},
    {"pg_sum", 2, 2, true, pg_sum},
};

}  // namespace

std::span<const ScalarFunction> aggregate_functions() {
    return functions_here;
}

}  // namespace dunlin::functions
