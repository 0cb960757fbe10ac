// Functions that give rows: each makes a JSON array of them, which SQLite's json_each() takes
// apart. A row is its value as it is stored, or an array of several.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/codec.h"
#include "core/date_time.h"
#include "core/functions/arguments.h"
#include "core/functions/array_elements.h"
#include "core/functions/type_spec.h"
#include "core/limits.h"

namespace dunlin::functions {

namespace {

std::unexpected<Error> refuse(std::string_view sqlstate, std::string message) {
    return std::unexpected(sql_error(sqlstate, std::move(message)));
}

/// Collects rows up to the limit of their number.
class Rows {
public:
    void add(const Value& value) {
        begin_row();
        append(value);
    }
    void add(const Value& first, const Value& second) {
        begin_row();
        out_ += "[";
        append(first);
        out_ += ",";
        append(second);
        out_ += "]";
    }
    Outcome done() {
        if (count_ > limits::function_elements_max || out_.size() > limits::function_text_bytes_max)
            return refuse("54000", "a function gives too many rows");
        return Value(out_ + "]");
    }
    bool is_full() const {
        return count_ > limits::function_elements_max ||
               out_.size() > limits::function_text_bytes_max;
    }

private:
    void begin_row() {
        if (count_++ > 0) out_ += ",";
    }
    /// So that json_each() gives it back: texts as strings, also those of JSON.
    void append(const Value& value) {
        if (value.is_integer())
            out_ += std::to_string(value.integer());
        else if (value.is_real())
            append_real(value.real());
        else if (value.is_text())
            codec::write_json_string(value.text(), out_);
        else
            out_ += "null";
    }

    /// With a point or an exponent, so that it stays a REAL.
    void append_real(double number) {
        if (std::isinf(number)) {
            out_ += number > 0 ? "9e999" : "-9e999";
            return;
        }
        const std::string text = fmt::format("{}", number);
        out_ += text.find_first_of(".e") == text.npos ? text + ".0" : text;
    }

    std::string out_ = "[";
    std::size_t count_ = 0;
};

/// unnest(): `pg_rows_of_array(type, array)`
Outcome pg_rows_of_array(Arguments a, const FunctionContext&) {
    const Type type = parse_type_spec(text_of(a[0]));
    Rows rows;
    for (const std::string_view one : split_array(text_of(a[1]))) {
        const auto value = element_value(type, one);
        if (!value) return std::unexpected(value.error());
        if (value->is_blob()) return refuse("0A000", "unnest() of bytea[] is not supported");
        rows.add(*value);
    }
    return rows.done();
}

/// generate_series() of integers.
Outcome pg_series(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value("[]");
    const std::int64_t last = a[1].integer(), step = a.size() > 2 ? a[2].integer() : 1;
    if (step == 0) return refuse("22023", "step size cannot equal zero");
    Rows rows;
    std::int64_t next = a[0].integer();
    while ((step > 0 ? next <= last : next >= last) && !rows.is_full()) {
        rows.add(Value(next));
        if (__builtin_add_overflow(next, step, &next)) break;
    }
    return rows.done();
}

/// generate_series() of instants, by an interval.
Outcome pg_time_series(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value("[]");
    const auto step = date_time::parse_interval(text_of(a[2]));
    if (!step) return std::unexpected(step.error());
    const int direction = date_time::compare_intervals(*step, {});
    if (direction == 0) return refuse("22023", "step size cannot equal zero");
    const std::int64_t last = a[1].integer();
    Rows rows;
    std::int64_t next = a[0].integer();
    while ((direction > 0 ? next <= last : next >= last) && !rows.is_full()) {
        rows.add(Value(next));
        const auto later = date_time::add_interval(next, *step);
        if (!later) return std::unexpected(later.error());
        next = *later;
    }
    return rows.done();
}

std::string_view trimmed(std::string_view json) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = json.find_first_not_of(blanks);
    if (first == json.npos) return {};
    return json.substr(first, json.find_last_not_of(blanks) - first + 1);
}

/// A part of JSON as text: a string without its quotes, null as NULL.
Value text_of_json(std::string_view json) {
    if (json == "null") return Value();
    if (!json.starts_with('"')) return Value(json);
    auto text = element_value({.kind = TypeKind::Text}, json);
    return text ? std::move(*text) : Value(json);
}

enum class Give : std::uint8_t { Json, Text };

Value given(std::string_view json, Give form) {
    return form == Give::Json ? Value(json) : text_of_json(json);
}

/// jsonb_array_elements() and its kin; the JSON is as it is stored, so that json keeps its text.
template <Give form>
Outcome elements(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value("[]");
    const std::string_view json = trimmed(text_of(a[0]));
    if (!json.starts_with('[')) {
        return refuse("22023", json.starts_with('{') ? "cannot extract elements from an object"
                                                     : "cannot extract elements from a scalar");
    }
    Rows rows;
    if (trimmed(json.substr(1, json.size() - 2)).empty()) return rows.done();
    for (const std::string_view one : split_array(json)) rows.add(given(trimmed(one), form));
    return rows.done();
}

/// Members of an object as they are stored. The second argument is the name of the function.
Result<std::vector<std::string_view>> members_of(Arguments a) {
    const std::string_view json = trimmed(text_of(a[0]));
    if (!json.starts_with('{'))
        return refuse("22023", "cannot call " + std::string(text_of(a[1])) + " on a non-object");
    if (trimmed(json.substr(1, json.size() - 2)).empty()) return std::vector<std::string_view>();
    return split_array(json);
}

/// The end of the string that a member begins with.
std::size_t key_size(std::string_view member) {
    std::size_t at = 1;
    while (at < member.size() && member[at] != '"') at += member[at] == '\\' ? 2 : 1;
    return std::min(at + 1, member.size());
}

template <Give form>
Outcome members(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value("[]");
    const auto found = members_of(a);
    if (!found) return std::unexpected(found.error());
    Rows rows;
    for (const std::string_view one : *found) {
        const std::string_view member = trimmed(one);
        const std::size_t end = key_size(member);
        const std::string_view value = trimmed(trimmed(member.substr(end)).substr(1));
        rows.add(text_of_json(member.substr(0, end)), given(value, form));
    }
    return rows.done();
}

Outcome pg_json_keys(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value("[]");
    const auto found = members_of(a);
    if (!found) return std::unexpected(found.error());
    Rows rows;
    for (const std::string_view one : *found) {
        const std::string_view member = trimmed(one);
        rows.add(text_of_json(member.substr(0, key_size(member))));
    }
    return rows.done();
}

constexpr ScalarFunction entries[] = {
    {"pg_json_elements", 1, 1, true, elements<Give::Json>},
    {"pg_json_elements_text", 1, 1, true, elements<Give::Text>},
    {"pg_json_keys", 2, 2, true, pg_json_keys},
    {"pg_json_members", 2, 2, true, members<Give::Json>},
    {"pg_json_members_text", 2, 2, true, members<Give::Text>},
    {"pg_rows_of_array", 2, 2, true, pg_rows_of_array},
    {"pg_series", 2, 3, true, pg_series},
    {"pg_time_series", 3, 3, true, pg_time_series},
};

}  // namespace

std::span<const ScalarFunction> row_functions() {
    return entries;
}

}  // namespace dunlin::functions
