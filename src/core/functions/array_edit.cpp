// Arrays made of others, searched, and turned into text and back. The first argument of most is the
// type of the elements.
#include <algorithm>

#include "core/codec.h"
#include "core/functions/array_elements.h"
#include "core/functions/characters.h"
#include "core/functions/type_spec.h"
#include "core/limits.h"

namespace dunlin::functions {

namespace {

std::vector<std::string> elements_of(const Value& array) {
    std::vector<std::string> elements;
    for (const std::string_view one : split_array(text_of(array))) elements.emplace_back(one);
    return elements;
}

Outcome array_of(const std::vector<std::string>& elements) {
    if (elements.size() > limits::function_elements_max)
        return std::unexpected(sql_error("54000", "array size exceeds the maximum allowed"));
    return Value(join_array(elements));
}

Outcome pg_array_append(Arguments a, const FunctionContext&) {
    auto elements = elements_of(a[1]);
    elements.push_back(element_json(parse_type_spec(text_of(a[0])), a[2]));
    return array_of(elements);
}

Outcome pg_array_prepend(Arguments a, const FunctionContext&) {
    auto elements = elements_of(a[2]);
    elements.insert(elements.begin(), element_json(parse_type_spec(text_of(a[0])), a[1]));
    return array_of(elements);
}

/// NULL counts as no elements, unless both are NULL.
Outcome pg_array_cat(Arguments a, const FunctionContext&) {
    if (a[0].is_null()) return a[1];
    if (a[1].is_null()) return a[0];
    auto elements = elements_of(a[0]);
    std::ranges::move(elements_of(a[1]), std::back_inserter(elements));
    return array_of(elements);
}

/// IS NOT DISTINCT FROM.
bool same(const Type& type, const Value& left, const Value& right) {
    if (left.is_null() || right.is_null()) return left.is_null() && right.is_null();
    return codec::compare(type, left, right) == 0;
}

/// Where in the array the value is, counted from 1.
Result<std::vector<std::int64_t>> places_of(const Type& type, std::string_view array,
                                            const Value& wanted) {
    std::vector<std::int64_t> places;
    std::int64_t place = 0;
    for (const std::string_view one : split_array(array)) {
        ++place;
        auto element = element_value(type, one);
        if (!element) return std::unexpected(element.error());
        if (same(type, *element, wanted)) places.push_back(place);
    }
    return places;
}

/// `with` in the place of each element that equals `wanted`, or nothing.
Outcome replaced(Arguments a, const std::string* with) {
    if (a[1].is_null()) return Value();
    const auto places = places_of(parse_type_spec(text_of(a[0])), text_of(a[1]), a[2]);
    if (!places) return std::unexpected(places.error());
    auto elements = elements_of(a[1]);
    for (auto place = places->rbegin(); place != places->rend(); ++place) {
        const auto at = elements.begin() + (*place - 1);
        if (with != nullptr)
            *at = *with;
        else
            elements.erase(at);
    }
    return array_of(elements);
}

Outcome pg_array_remove(Arguments a, const FunctionContext&) {
    return replaced(a, nullptr);
}

Outcome pg_array_replace(Arguments a, const FunctionContext&) {
    const std::string with = element_json(parse_type_spec(text_of(a[0])), a[3]);
    return replaced(a, &with);
}

Outcome pg_array_position(Arguments a, const FunctionContext&) {
    if (a[1].is_null()) return Value();
    if (a.size() > 3 && a[3].is_null())
        return std::unexpected(sql_error("22004", "initial position must not be null"));
    const auto places = places_of(parse_type_spec(text_of(a[0])), text_of(a[1]), a[2]);
    if (!places) return std::unexpected(places.error());
    const std::int64_t from = a.size() > 3 ? a[3].integer() : 1;
    const auto found = std::ranges::find_if(*places, [&](auto place) { return place >= from; });
    return found == places->end() ? Value() : Value(*found);
}

Outcome pg_array_positions(Arguments a, const FunctionContext&) {
    if (a[1].is_null()) return Value();
    const auto places = places_of(parse_type_spec(text_of(a[0])), text_of(a[1]), a[2]);
    if (!places) return std::unexpected(places.error());
    std::vector<std::string> elements;
    for (const std::int64_t place : *places) elements.push_back(std::to_string(place));
    return array_of(elements);
}

/// `array[n]`: NULL outside of it.
Outcome pg_array_get(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto elements = split_array(text_of(a[1]));
    const std::int64_t place = a[2].integer();
    if (place < 1 || place > static_cast<std::int64_t>(elements.size())) return Value();
    return element_value(parse_type_spec(text_of(a[0])),
                         elements[static_cast<std::size_t>(place - 1)]);
}

/// `array[first:last]`
Outcome pg_array_slice(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    const auto elements = elements_of(a[0]);
    const std::int64_t first = std::max<std::int64_t>(a[1].integer(), 1);
    const std::int64_t last = std::min(a[2].integer(), static_cast<std::int64_t>(elements.size()));
    if (first > last) return Value("[]");
    return array_of({elements.begin() + (first - 1), elements.begin() + last});
}

/// array_lower(): 1, as arrays have no other bounds here.
Outcome pg_array_lower(Arguments a, const FunctionContext&) {
    if (any_null(a) || a[1].integer() != 1 || text_of(a[0]).size() <= 2) return Value();
    return Value(std::int64_t{1});
}

Outcome pg_array_to_string(Arguments a, const FunctionContext&) {
    if (a[1].is_null() || a[2].is_null()) return Value();
    const Type type = parse_type_spec(text_of(a[0]));
    const bool shows_null = a.size() > 3 && !a[3].is_null();
    std::string out;
    bool first = true;
    for (const std::string_view one : split_array(text_of(a[1]))) {
        const auto element = element_value(type, one);
        if (!element) return std::unexpected(element.error());
        if (element->is_null() && !shows_null) continue;
        if (!first) out += text_of(a[2]);
        out += element->is_null() ? std::string(text_of(a[3])) : codec::to_text(type, *element);
        first = false;
        if (auto fits = require_text_size(out.size()); !fits) return std::unexpected(fits.error());
    }
    return Value(std::move(out));
}

std::vector<std::string_view> fields_of(std::string_view text, const Value& separator) {
    if (text.empty()) return {};
    if (separator.is_null()) return characters_of(text);
    const std::string_view between = text_of(separator);
    std::vector<std::string_view> fields;
    for (auto at = text.find(between); !between.empty() && at != text.npos;
         at = text.find(between)) {
        fields.push_back(text.substr(0, at));
        text.remove_prefix(at + between.size());
    }
    fields.push_back(text);
    return fields;
}

/// string_to_array(text, separator, null): without a separator, the characters.
Outcome pg_string_to_array(Arguments a, const FunctionContext&) {
    if (a[0].is_null()) return Value();
    std::vector<std::string> elements;
    for (const std::string_view field : fields_of(text_of(a[0]), a[1])) {
        const bool null = a.size() > 2 && !a[2].is_null() && field == text_of(a[2]);
        elements.push_back(null ? "null" : element_json({.kind = TypeKind::Text}, Value(field)));
    }
    return array_of(elements);
}

Outcome pg_trim_array(Arguments a, const FunctionContext&) {
    if (any_null(a)) return Value();
    auto elements = elements_of(a[0]);
    const auto count = static_cast<std::int64_t>(elements.size());
    if (a[1].integer() < 0 || a[1].integer() > count) {
        return std::unexpected(sql_error(
            "2202E", "number of elements to trim must be between 0 and " + std::to_string(count)));
    }
    elements.resize(static_cast<std::size_t>(count - a[1].integer()));
    return array_of(elements);
}

/// How many of the values are NULL, or are not.
template <bool null>
Outcome count_nulls(Arguments a, const FunctionContext&) {
    return Value(static_cast<std::int64_t>(
        std::ranges::count_if(a, [](const Value& value) { return value.is_null() == null; })));
}

constexpr int values_most = 100;

constexpr ScalarFunction entries[] = {
    {"pg_array_append", 3, 3, true, pg_array_append},
    {"pg_array_cat", 2, 2, true, pg_array_cat},
    {"pg_array_get", 3, 3, true, pg_array_get},
    {"pg_array_lower", 2, 2, true, pg_array_lower},
    {"pg_array_position", 3, 4, true, pg_array_position},
    {"pg_array_positions", 3, 3, true, pg_array_positions},
    {"pg_array_prepend", 3, 3, true, pg_array_prepend},
    {"pg_array_remove", 3, 3, true, pg_array_remove},
    {"pg_array_replace", 4, 4, true, pg_array_replace},
    {"pg_array_slice", 3, 3, true, pg_array_slice},
    {"pg_array_to_string", 3, 4, true, pg_array_to_string},
    {"pg_num_nonnulls", 1, values_most, true, count_nulls<false>},
    {"pg_num_nulls", 1, values_most, true, count_nulls<true>},
    {"pg_string_to_array", 2, 3, true, pg_string_to_array},
    {"pg_trim_array", 2, 2, true, pg_trim_array},
};

}  // namespace

std::span<const ScalarFunction> array_edit_functions() {
    return entries;
}

}  // namespace dunlin::functions
