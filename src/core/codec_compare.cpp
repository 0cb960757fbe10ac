#include <algorithm>
#include <cmath>

#include "core/codec.h"
#include "core/codec_json_tree.h"
#include "core/codec_parts.h"
#include "core/date_time.h"
#include "core/decimal.h"
#include "core/functions/arguments.h"
#include "core/network.h"
#include "core/range.h"

namespace dunlin::codec {

namespace {

template <typename T>
int order_of(const T& left, const T& right) {
    return left < right ? -1 : right < left ? 1 : 0;
}

double real_of(const Value& value) {
    return value.is_integer() ? static_cast<double>(value.integer()) : value.real();
}

bool is_number(const Value& value) {
    return value.is_integer() || value.is_real();
}

/// NaN equals NaN and is greater than every number.
int compare_reals(double left, double right) {
    if (std::isnan(left) || std::isnan(right)) {
        return static_cast<int>(std::isnan(left)) - static_cast<int>(std::isnan(right));
    }
    return order_of(left, right);
}

std::size_t label_rank(const Type& type, std::string_view label) {
    return static_cast<std::size_t>(std::find(type.labels.begin(), type.labels.end(), label) -
                                    type.labels.begin());
}

bool is_empty_array(const JsonNode& node) {
    return node.kind == JsonNode::Kind::Array && node.items.empty();
}

bool is_scalar(const JsonNode& node) {
    return node.kind < JsonNode::Kind::Array;
}

int compare_stored_jsonb(std::string_view left, std::string_view right) {
    const auto left_tree = parse_json_tree(left, JsonEscapes::Decode);
    const auto right_tree = parse_json_tree(right, JsonEscapes::Decode);
    if (!left_tree || !right_tree) return order_of(left, right);
    // To PostgreSQL a whole value that is a scalar is an array of it, and the longer array is
    // greater.
    if (is_empty_array(*left_tree) && is_scalar(*right_tree)) return -1;
    if (is_scalar(*left_tree) && is_empty_array(*right_tree)) return 1;
    return compare_jsonb(*left_tree, *right_tree);
}

std::string_view without_padding(std::string_view text) {
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

int compare_citext(std::string_view left, std::string_view right) {
    return order_of(functions::lower_text(left), functions::lower_text(right));
}

}  // namespace

int compare_stored_texts(const Type& type, std::string_view left, std::string_view right) {
    if (is_range(type.kind)) return compare_stored_ranges(left, right);
    switch (type.kind) {
        case TypeKind::Numeric:
            return compare_decimal(left, right);
        case TypeKind::Enum:
            return order_of(label_rank(type, left), label_rank(type, right));
        case TypeKind::Jsonb:
            return compare_stored_jsonb(left, right);
        case TypeKind::Interval:
            return date_time::compare_stored_intervals(left, right);
        case TypeKind::Citext:
            return compare_citext(left, right);
        case TypeKind::Inet:
        case TypeKind::Cidr:
            return compare_networks(left, right);
        case TypeKind::Char:
            return order_of(without_padding(left), without_padding(right));
        default:
            return order_of(left, right);
    }
}

int compare(const Type& type, const Value& left, const Value& right) {
    if (left.is_integer() && right.is_integer()) return order_of(left.integer(), right.integer());
    if (left.is_text() && right.is_text()) {
        return type.array ? compare_arrays(type, left.text(), right.text())
                          : compare_stored_texts(type, left.text(), right.text());
    }
    if (left.is_blob() && right.is_blob()) return order_of(left.bytes(), right.bytes());
    if (is_number(left) && is_number(right)) return compare_reals(real_of(left), real_of(right));
    // A numeric computed by SQLite may be an integer or a real.
    if (type.kind == TypeKind::Numeric)
        return compare_decimal(to_text(type, left), to_text(type, right));
    const auto storage_rank = [](const Value& value) {
        return value.is_null() ? 3 : value.is_blob() ? 2 : value.is_text() ? 1 : 0;
    };
    return order_of(storage_rank(left), storage_rank(right));
}

}  // namespace dunlin::codec
