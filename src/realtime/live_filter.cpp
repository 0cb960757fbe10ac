#include "realtime/live_filter.h"

#include <re2/re2.h>

#include <algorithm>

#include "core/codec.h"

namespace dunlin::realtime {

namespace {

const Value null_value{};

/// A row that was logged before a column was added ends early.
const Value& value_at(const Row& row, std::size_t column) {
    return column < row.size() ? row[column] : null_value;
}

bool compares_as_bytes(TypeKind kind) {
    return kind == TypeKind::Text || kind == TypeKind::Varchar || kind == TypeKind::Uuid ||
           kind == TypeKind::Enum;
}

bool equal(const Type& type, const Value& left, const Value& right) {
    if (left.is_integer() && right.is_integer()) return left.integer() == right.integer();
    if (left.is_text() && right.is_text() && compares_as_bytes(type.kind)) {
        return left.text() == right.text();
    }
    return codec::compare(type, left, right) == 0;
}

int compare(const Type& type, const Value& left, const Value& right) {
    if (left.is_integer() && right.is_integer()) {
        return left.integer() < right.integer() ? -1 : left.integer() > right.integer() ? 1 : 0;
    }
    return codec::compare(type, left, right);
}

/// The comparison of two values that are not NULL.
bool holds(const FilterCondition& condition, const Value& value) {
    const Type& type = condition.column->type;
    switch (condition.op) {
        case FilterOperator::Equal:
            return equal(type, value, condition.value);
        case FilterOperator::NotEqual:
            return !equal(type, value, condition.value);
        case FilterOperator::Less:
            return compare(type, value, condition.value) < 0;
        case FilterOperator::LessOrEqual:
            return compare(type, value, condition.value) <= 0;
        case FilterOperator::Greater:
            return compare(type, value, condition.value) > 0;
        case FilterOperator::GreaterOrEqual:
            return compare(type, value, condition.value) >= 0;
        case FilterOperator::In:
            return std::ranges::any_of(condition.items,
                                       [&](const Value& item) { return equal(type, value, item); });
        case FilterOperator::Matches:
            return value.is_text() && re2::RE2::PartialMatch(value.text(), *condition.pattern);
        default:
            return false;
    }
}

bool is_true(const Value& value) {
    return value.is_integer() && value.integer() != 0;
}
bool is_false(const Value& value) {
    return value.is_integer() && value.integer() == 0;
}

bool is_distinct(const FilterCondition& condition, const Value& value) {
    if (value.is_null() || condition.value.is_null()) {
        return value.is_null() != condition.value.is_null();
    }
    return !equal(condition.column->type, value, condition.value);
}

void mix(std::size_t& hash, std::size_t part) {
    hash = (hash ^ part) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 32;
}

}  // namespace

bool FilterCondition::matches(const Row& row) const {
    const Value& found = value_at(row, column_index);
    switch (op) {  // IS and IS DISTINCT FROM know NULL; for the rest it is neither true nor false.
        case FilterOperator::IsNull:
            return found.is_null() != negated;
        case FilterOperator::IsTrue:
            return is_true(found) != negated;
        case FilterOperator::IsFalse:
            return is_false(found) != negated;
        case FilterOperator::IsDistinct:
            return is_distinct(*this, found) != negated;
        default:
            return !found.is_null() && holds(*this, found) != negated;
    }
}

std::size_t FilterCondition::hash() const {
    std::size_t hash = column_index;
    mix(hash, static_cast<std::size_t>(op) * 2 + (negated ? 1 : 0));
    mix(hash, value.hash());
    for (const Value& item : items) mix(hash, item.hash());
    if (pattern) mix(hash, std::hash<std::string>()(pattern->pattern()));
    return hash;
}

bool operator==(const FilterCondition& left, const FilterCondition& right) {
    const auto same_pattern = [&] {
        if (!left.pattern || !right.pattern) return left.pattern == right.pattern;
        return left.pattern->pattern() == right.pattern->pattern() &&
               left.pattern->options().case_sensitive() ==
                   right.pattern->options().case_sensitive();
    };
    return left.column == right.column && left.op == right.op && left.negated == right.negated &&
           left.value == right.value && left.items == right.items && same_pattern();
}

bool LiveFilter::matches(const Row& row) const {
    for (const FilterCondition& condition : conditions) {
        if (!condition.matches(row)) return false;
    }
    return true;
}

std::size_t LiveFilter::hash() const {
    std::size_t hash = conditions.size();
    for (const FilterCondition& condition : conditions) mix(hash, condition.hash());
    return hash;
}

}  // namespace dunlin::realtime
