#include "core/functions/type_spec.h"

#include <charconv>

namespace dunlin::functions {

namespace {

int number_at(std::string_view& text) {
    int number = -1;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.empty()) text.remove_prefix(1);  // the comma or bracket
    return failure == std::errc{} ? number : -1;
}

}  // namespace

std::string type_spec(const Type& type) {
    std::string spec = type.array ? "_" : "";
    if (type.kind == TypeKind::Enum) return spec + "text";
    Type scalar = type;
    scalar.array = false;
    spec += pg_type_name(scalar);
    if (type.kind == TypeKind::Numeric && type.precision >= 0) {
        spec += "(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    } else if (type.length_max > 0) {
        spec += "(" + std::to_string(type.length_max) + ")";
    }
    return spec;
}

Type parse_type_spec(std::string_view spec) {
    Type type;
    if (spec.starts_with('_')) {
        type.array = true;
        spec.remove_prefix(1);
    }
    const auto bracket = spec.find('(');
    type_kind_from_name(spec.substr(0, bracket), type.kind);
    if (bracket == spec.npos) return type;
    spec.remove_prefix(bracket + 1);
    const int first = number_at(spec);
    if (type.kind == TypeKind::Numeric) {
        type.precision = first;
        type.scale = number_at(spec);
    } else {
        type.length_max = first;
    }
    return type;
}

}  // namespace dunlin::functions
