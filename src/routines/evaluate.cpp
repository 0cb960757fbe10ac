#include "routines/evaluate.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/codec.h"

namespace dunlin::routines {

namespace {

using Kind = sql::Expression::Kind;
using std::string_view_literals::operator""sv;

constexpr std::array junctions = {"and"sv, "or"sv, "not"sv};
constexpr std::array tests = {"is_null"sv,     "is_not_null"sv, "is_true"sv,
                              "is_not_true"sv, "is_false"sv,    "is_not_false"sv};
constexpr std::array comparisons = {"="sv, "<>"sv, "<"sv,           "<="sv,
                                    ">"sv, ">="sv, "is_distinct"sv, "is_not_distinct"sv};

bool is_one_of(std::string_view name, auto& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Types whose values codec::compare() orders as SQLite does by the text that is written for them.
bool is_comparable(const Type& type) {
    if (type.array) return false;
    switch (type.kind) {
        case TypeKind::Bool:
        case TypeKind::Int2:
        case TypeKind::Int4:
        case TypeKind::Int8:
        case TypeKind::Text:
        case TypeKind::Varchar:
        case TypeKind::Uuid:
        case TypeKind::Date:
        case TypeKind::Time:
        case TypeKind::Timestamp:
        case TypeKind::TimestampTz:
        case TypeKind::Numeric:
            return true;
        default:
            return false;
    }
}

/// Numbers of several widths are all integers inside.
bool is_integer(const Type& type) {
    return !type.array && (type.kind == TypeKind::Int2 || type.kind == TypeKind::Int4 ||
                           type.kind == TypeKind::Int8);
}

bool is_text(const Type& type) {
    return !type.array && (type.kind == TypeKind::Text || type.kind == TypeKind::Varchar);
}

bool can_compare(const Type& left, const Type& right) {
    if (!is_comparable(left) || !is_comparable(right)) return false;
    return left.kind == right.kind || (is_integer(left) && is_integer(right)) ||
           (is_text(left) && is_text(right));
}

bool is_true(const Value& value) {
    return value.is_integer() && value.integer() != 0;
}

bool is_false(const Value& value) {
    return value.is_integer() && value.integer() == 0;
}

Value test(std::string_view name, const Value& value) {
    const bool negated = name.starts_with("is_not_");
    const std::string_view what = name.substr(negated ? 7 : 3);
    const bool holds = what == "null"   ? value.is_null()
                       : what == "true" ? is_true(value)
                                        : is_false(value);
    return Value::boolean(holds != negated);
}

/// AND and OR: one deciding side is enough, otherwise NULL wins.
Value junction(const sql::Expression& expression, const std::vector<Value>& frame) {
    const bool deciding = expression.name == "or";
    bool unknown = false;
    for (const sql::Expression& argument : expression.arguments) {
        const Value value = evaluate(argument, frame);
        if (value.is_null())
            unknown = true;
        else if (is_true(value) == deciding)
            return Value::boolean(deciding);
    }
    return unknown ? Value() : Value::boolean(!deciding);
}

Value compare(const sql::Expression& expression, const std::vector<Value>& frame) {
    const Value left = evaluate(expression.arguments[0], frame);
    const Value right = evaluate(expression.arguments[1], frame);
    const std::string_view name = expression.name;
    const bool distinct = name == "is_distinct" || name == "is_not_distinct";
    if (left.is_null() || right.is_null()) {
        if (!distinct) return {};
        const bool same = left.is_null() && right.is_null();
        return Value::boolean(same == (name == "is_not_distinct"));
    }
    const int order = codec::compare(expression.arguments[0].type, left, right);
    if (name == "=" || name == "is_not_distinct") return Value::boolean(order == 0);
    if (name == "<>" || name == "is_distinct") return Value::boolean(order != 0);
    if (name == "<") return Value::boolean(order < 0);
    if (name == "<=") return Value::boolean(order <= 0);
    return Value::boolean(name == ">" ? order > 0 : order >= 0);
}

Value choose(const sql::Expression& expression, const std::vector<Value>& frame) {
    const auto& arguments = expression.arguments;
    std::size_t i = 0;
    for (; i + 1 < arguments.size(); i += 2) {
        if (is_true(evaluate(arguments[i], frame))) return evaluate(arguments[i + 1], frame);
    }
    return evaluate(arguments[i], frame);
}

bool can_operate(const sql::Expression& expression) {
    if (is_one_of(expression.name, junctions) || is_one_of(expression.name, tests)) return true;
    return is_one_of(expression.name, comparisons) && expression.arguments.size() == 2 &&
           can_compare(expression.arguments[0].type, expression.arguments[1].type);
}

}  // namespace

bool can_evaluate(const sql::Expression& expression) {
    switch (expression.kind) {
        case Kind::Literal:
        case Kind::Variable:
            return true;
        case Kind::Operator:
            if (!can_operate(expression)) return false;
            break;
        case Kind::Case:
            break;
        default:
            return false;
    }
    return std::all_of(expression.arguments.begin(), expression.arguments.end(), can_evaluate);
}

Value evaluate(const sql::Expression& expression, const std::vector<Value>& frame) {
    switch (expression.kind) {
        case Kind::Literal:
            return expression.value;
        case Kind::Variable:
            return frame[expression.column];
        case Kind::Case:
            return choose(expression, frame);
        default:
            break;
    }
    if (expression.name == "and" || expression.name == "or") return junction(expression, frame);
    if (is_one_of(expression.name, comparisons)) return compare(expression, frame);
    const Value value = evaluate(expression.arguments[0], frame);
    if (expression.name != "not") return test(expression.name, value);
    return value.is_null() ? Value() : Value::boolean(!is_true(value));
}

}  // namespace dunlin::routines
