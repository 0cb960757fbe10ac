#include "sql/cast_rules.h"

namespace dunlin::sql {

namespace {

/// char(n) is stored padded, and its padding is no part of the text it stands for.
bool same_text(const Type& from, const Type& to) {
    if ((from.kind == TypeKind::Char) != (to.kind == TypeKind::Char)) return false;
    if (from.length_max == to.length_max) return true;
    if (from.kind == TypeKind::Char) return false;
    return to.length_max == 0 || (from.length_max > 0 && from.length_max < to.length_max);
}

}  // namespace

bool is_scalar(const Type& type, TypeKind kind) {
    return !type.array && type.kind == kind;
}

bool is_float(const Type& type) {
    return is_scalar(type, TypeKind::Float4) || is_scalar(type, TypeKind::Float8);
}

bool is_json(const Type& type) {
    return is_scalar(type, TypeKind::Json) || is_scalar(type, TypeKind::Jsonb);
}

bool is_integer(const Type& type) {
    return !type.array && (type.kind == TypeKind::Int2 || type.kind == TypeKind::Int4 ||
                           type.kind == TypeKind::Int8);
}

bool is_number(const Type& type) {
    return is_integer(type) || is_float(type) || is_scalar(type, TypeKind::Numeric);
}

bool is_text(const Type& type) {
    return !type.array && (type.kind == TypeKind::Text || type.kind == TypeKind::Varchar ||
                           type.kind == TypeKind::Char);
}

bool is_instant(const Type& type) {
    return !type.array && (type.kind == TypeKind::Timestamp || type.kind == TypeKind::TimestampTz);
}

bool same_storage(const Type& from, const Type& to) {
    if (from.array != to.array) return false;
    if (is_text(from) && is_text(to)) return same_text(from, to);
    if (from.kind == TypeKind::Citext && to.kind == TypeKind::Text) return true;
    if (from.kind == TypeKind::Enum && to.kind == TypeKind::Enum)
        return from.enum_name == to.enum_name;
    if (is_instant(from) && is_instant(to)) return true;
    if (is_integer(from) && is_integer(to))
        return static_cast<int>(from.kind) <= static_cast<int>(to.kind);
    if (is_float(from) && is_float(to)) return from.kind == to.kind || to.kind == TypeKind::Float8;
    return from.kind == to.kind && (to.kind != TypeKind::Numeric || to.precision < 0 || from == to);
}

int number_rank(const Type& type) {
    switch (type.kind) {
        case TypeKind::Int2:
            return 0;
        case TypeKind::Int4:
            return 1;
        case TypeKind::Int8:
            return 2;
        case TypeKind::Numeric:
            return 3;
        case TypeKind::Float4:
            return 4;
        default:
            return 5;
    }
}

bool converts_implicitly(const Type& from, const Type& to) {
    if (from.array || to.array) return false;
    if (is_number(from) && is_number(to)) return number_rank(from) <= number_rank(to);
    if (from.kind == TypeKind::Date && is_instant(to)) return true;
    if (from.kind == TypeKind::Cidr && to.kind == TypeKind::Inet) return true;
    return (is_text(from) || from.kind == TypeKind::Citext) && is_text(to);
}

bool converts_by_assignment(const Type& from, const Type& to) {
    if (is_text(to)) return true;
    if (from.array || to.array) return false;
    if (is_number(from) && is_number(to)) return true;
    if (is_instant(from) && (to.kind == TypeKind::Date || to.kind == TypeKind::Time)) return true;
    if (is_text(from) && to.kind == TypeKind::Citext) return true;
    return converts_implicitly(from, to) || (is_json(from) && is_json(to));
}

bool converts_explicitly(const Type& from, const Type& to) {
    if (is_text(from) || converts_by_assignment(from, to)) return true;
    if (from.array || to.array) {
        Type from_element = from, to_element = to;
        from_element.array = to_element.array = false;
        return from.array && to.array && converts_explicitly(from_element, to_element);
    }
    if (from.kind == TypeKind::Int4 && to.kind == TypeKind::Bool) return true;
    if (from.kind == TypeKind::Bool && to.kind == TypeKind::Int4) return true;
    if (from.kind == TypeKind::Jsonb && (is_number(to) || to.kind == TypeKind::Bool)) return true;
    if (from.kind == TypeKind::Citext) return true;  // as text
    return (from.kind == TypeKind::Time && to.kind == TypeKind::Interval) ||
           (from.kind == TypeKind::Interval && to.kind == TypeKind::Time);
}

}  // namespace dunlin::sql
