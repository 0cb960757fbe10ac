#include "sql/array_functions.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/functions/type_spec.h"

namespace dunlin::sql {

namespace {

const Type int4_type{.kind = TypeKind::Int4};

Type element_of(Type array) {
    array.array = false;
    return array;
}

Type array_of(Type element) {
    element.array = true;
    element.length_max = 0;
    element.precision = element.scale = -1;
    return element;
}

Expression spec_of(const Type& type) {
    return make_literal(Value(functions::type_spec(type)), text_type());
}

std::unexpected<Refusal> no_function(const std::string& name,
                                     const std::vector<Expression>& arguments, int location) {
    std::string list;
    for (const Expression& argument : arguments)
        list += (list.empty() ? "" : ", ") + type_text(argument);
    return refuse(location, "42883", fmt::format("function {}({}) does not exist", name, list),
                  "No function matches the given name and argument types. You might need to add "
                  "explicit type casts.");
}

/// An array and what is to be an element of it, brought together; false when they do not fit.
bool meet(Expression& array, Expression& element) {
    if (is_unknown(array)) {
        auto typed =
            coerce(std::move(array), array_of(is_unknown(element) ? text_type() : element.type));
        if (!typed) return false;
        array = std::move(*typed);
    }
    if (!array.type.array || (element.type.array && !is_unknown(element))) return false;
    auto typed = coerce(std::move(element), element_of(array.type));
    if (!typed) return false;
    element = std::move(*typed);
    return true;
}

bool same_arrays(Expression& left, Expression& right) {
    const auto unified = unify(left, right);
    return unified && *unified && left.type.array && right.type.array;
}

/// How the arguments of a function stand to each other.
enum class Shape : std::uint8_t {
    Array,         // the array alone, then integers
    ArrayElement,  // the array, then elements
    ElementArray,
    ArrayArray,
    ArrayTexts,  // the array, then texts
    Values,      // values of any type
};

enum class Gives : std::uint8_t { Array, Integer, Integers, Text };

struct Entry {
    std::string_view name;
    std::string_view function;
    Shape shape;
    Gives gives;
    std::size_t least;
    std::size_t most;
    bool typed = false;  // ours begins with the type of the elements
};

constexpr Entry entries[] = {
    {"array_append", "pg_array_append", Shape::ArrayElement, Gives::Array, 2, 2, true},
    {"array_cat", "pg_array_cat", Shape::ArrayArray, Gives::Array, 2, 2},
    {"array_length", "pg_array_length", Shape::Array, Gives::Integer, 2, 2},
    {"array_lower", "pg_array_lower", Shape::Array, Gives::Integer, 2, 2},
    {"array_position", "pg_array_position", Shape::ArrayElement, Gives::Integer, 2, 3, true},
    {"array_positions", "pg_array_positions", Shape::ArrayElement, Gives::Integers, 2, 2, true},
    {"array_prepend", "pg_array_prepend", Shape::ElementArray, Gives::Array, 2, 2, true},
    {"array_remove", "pg_array_remove", Shape::ArrayElement, Gives::Array, 2, 2, true},
    {"array_replace", "pg_array_replace", Shape::ArrayElement, Gives::Array, 3, 3, true},
    {"array_to_string", "pg_array_to_string", Shape::ArrayTexts, Gives::Text, 2, 3, true},
    {"array_upper", "pg_array_length", Shape::Array, Gives::Integer, 2, 2},
    {"cardinality", "pg_cardinality", Shape::Array, Gives::Integer, 1, 1},
    {"num_nonnulls", "pg_num_nonnulls", Shape::Values, Gives::Integer, 1, 99},
    {"num_nulls", "pg_num_nulls", Shape::Values, Gives::Integer, 1, 99},
    {"trim_array", "pg_trim_array", Shape::Array, Gives::Array, 2, 2},
};

const Entry* entry_of(std::string_view name) {
    const auto found =
        std::ranges::find_if(entries, [&](const Entry& entry) { return entry.name == name; });
    return found == std::end(entries) ? nullptr : &*found;
}

bool coerce_from(std::vector<Expression>& arguments, std::size_t first, const Type& type) {
    for (std::size_t i = first; i < arguments.size(); ++i) {
        auto typed = coerce(std::move(arguments[i]), type);
        if (!typed) return false;
        arguments[i] = std::move(*typed);
    }
    return true;
}

/// Brings the arguments to the types that the entry wants; false when they do not fit.
bool fit(const Entry& entry, std::vector<Expression>& arguments) {
    switch (entry.shape) {
        case Shape::Array:
            return arguments[0].type.array && coerce_from(arguments, 1, int4_type);
        case Shape::ArrayElement:
            if (!meet(arguments[0], arguments[1])) return false;
            if (entry.gives == Gives::Integer) return coerce_from(arguments, 2, int4_type);
            return arguments.size() < 3 || meet(arguments[0], arguments[2]);
        case Shape::ElementArray:
            return meet(arguments[1], arguments[0]);
        case Shape::ArrayArray:
            return same_arrays(arguments[0], arguments[1]);
        case Shape::ArrayTexts:
            return arguments[0].type.array && coerce_from(arguments, 1, text_type());
        case Shape::Values:
            return true;
    }
    return false;
}

}  // namespace

bool is_array_function(std::string_view name) {
    return entry_of(name) != nullptr;
}

std::optional<Parsed<Expression>> array_function(const std::string& name,
                                                 const std::vector<Expression>& given,
                                                 int location) {
    const Entry* entry = entry_of(name);
    if (entry == nullptr) return std::nullopt;
    std::vector<Expression> arguments = given;
    if (arguments.size() < entry->least || arguments.size() > entry->most ||
        !fit(*entry, arguments))
        return no_function(name, given, location);
    Type result = int4_type;
    if (entry->gives == Gives::Text) result = text_type();
    if (entry->gives == Gives::Integers) result.array = true;
    const std::size_t array = entry->shape == Shape::ElementArray ? 1 : 0;
    if (entry->gives == Gives::Array) result = array_of(arguments[array].type);
    if (entry->typed)
        arguments.insert(arguments.begin(), spec_of(element_of(arguments[array].type)));
    return make_call(std::string(entry->function), result, std::move(arguments));
}

std::optional<Parsed<Expression>> array_concatenation(const Expression& left,
                                                      const Expression& right, int location) {
    if (!left.type.array && !right.type.array) return std::nullopt;
    // A literal without a type beside an array is an array.
    const bool both =
        (left.type.array || is_unknown(left)) && (right.type.array || is_unknown(right));
    Expression first = left, second = right;
    if (both && is_unknown(left)) {
        auto typed = coerce(std::move(first), right.type);
        if (!typed) return refuse(location, typed.error());
        first = std::move(*typed);
    }
    if (both && is_unknown(right)) {
        auto typed = coerce(std::move(second), left.type);
        if (!typed) return refuse(location, typed.error());
        second = std::move(*typed);
    }
    const std::string name = both              ? "array_cat"
                             : left.type.array ? "array_append"
                                               : "array_prepend";
    auto made = array_function(name, {std::move(first), std::move(second)}, location);
    if (*made) return made;
    return no_operator("||", left, right, location);
}

Parsed<Expression> subscript(Expression value, Expression index, int location) {
    if (is_scalar(value.type, TypeKind::Jsonb)) {
        auto key = is_integer(index.type) ? Result<Expression>(index) : coerce(index, text_type());
        if (!key) return refuse(location, key.error());
        const Type type = value.type;
        // A number in quotes counts as one in an array, which is how paths do it.
        if (is_text(key->type)) {
            Expression path = make_call("pg_array_build", array_of(text_type()),
                                        {spec_of(text_type()), std::move(*key)});
            return make_call("pg_json_path", type, {std::move(value), std::move(path)});
        }
        return make_call("pg_json_get", type, {std::move(value), std::move(*key)});
    }
    if (!value.type.array) {
        return refuse(
            location, "42804",
            fmt::format("cannot subscript type {} because it does not support subscripting",
                        type_text(value)));
    }
    auto place = assign(std::move(index), int4_type);
    if (!place) return refuse(location, place.error());
    const Type element = element_of(value.type);
    return make_call("pg_array_get", element,
                     {spec_of(element), std::move(value), std::move(*place)});
}

Parsed<Expression> slice(Expression array, Expression first, Expression last, int location) {
    if (!array.type.array) {
        return refuse(
            location, "42804",
            fmt::format("cannot subscript type {} because it does not support subscripting",
                        type_text(array)));
    }
    std::vector<Expression> arguments = {std::move(array), std::move(first), std::move(last)};
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        auto place = assign(std::move(arguments[i]), int4_type);
        if (!place) return refuse(location, place.error());
        arguments[i] = std::move(*place);
    }
    const Type type = arguments[0].type;
    return make_call("pg_array_slice", type, std::move(arguments));
}

}  // namespace dunlin::sql
