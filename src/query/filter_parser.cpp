#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/limits.h"
#include "query/parsers.h"

namespace dunlin::query {

namespace {

enum class ValueEnd : std::uint8_t { EndOfText, InTree };

struct OperatorName {
    std::string_view name;
    FilterOperator op;
    bool quantified = false;  // (any) and (all) are allowed
};

constexpr std::array operator_names = {
    OperatorName{"eq", FilterOperator::Eq, true},
    OperatorName{"neq", FilterOperator::Neq},
    OperatorName{"lt", FilterOperator::Lt, true},
    OperatorName{"lte", FilterOperator::Lte, true},
    OperatorName{"gt", FilterOperator::Gt, true},
    OperatorName{"gte", FilterOperator::Gte, true},
    OperatorName{"like", FilterOperator::Like, true},
    OperatorName{"ilike", FilterOperator::ILike, true},
    OperatorName{"match", FilterOperator::Match, true},
    OperatorName{"imatch", FilterOperator::IMatch, true},
    OperatorName{"in", FilterOperator::In},
    OperatorName{"is", FilterOperator::Is},
    OperatorName{"isdistinct", FilterOperator::IsDistinct},
    OperatorName{"cs", FilterOperator::Contains},
    OperatorName{"cd", FilterOperator::ContainedBy},
    OperatorName{"ov", FilterOperator::Overlaps},
    OperatorName{"fts", FilterOperator::Fts},
    OperatorName{"plfts", FilterOperator::Plfts},
    OperatorName{"phfts", FilterOperator::Phfts},
    OperatorName{"wfts", FilterOperator::Wfts},
    OperatorName{"sr", FilterOperator::RangeStrictlyRight},
    OperatorName{"sl", FilterOperator::RangeStrictlyLeft},
    OperatorName{"nxl", FilterOperator::RangeNotLeft},
    OperatorName{"nxr", FilterOperator::RangeNotRight},
    OperatorName{"adj", FilterOperator::RangeAdjacent},
};

constexpr std::array<std::string_view, 5> is_values = {"null", "not_null", "true", "false",
                                                       "unknown"};

const OperatorName* find_operator(std::string_view name) {
    const auto found = std::find_if(operator_names.begin(), operator_names.end(),
                                    [&](const OperatorName& entry) { return entry.name == name; });
    return found == operator_names.end() ? nullptr : &*found;
}

bool is_full_text(FilterOperator op) {
    return op == FilterOperator::Fts || op == FilterOperator::Plfts ||
           op == FilterOperator::Phfts || op == FilterOperator::Wfts;
}

/// In a tree a value ends at a comma or parenthesis unless it is quoted or an array.
Parsed<std::string> read_tree_value(Cursor& cursor) {
    Cursor attempt = cursor;
    const auto ends = [&] {
        return attempt.at_end() || attempt.peek() == ',' || attempt.peek() == ')';
    };
    if (cursor.peek() == '"') {
        auto quoted = read_quoted(attempt);
        if (quoted && ends()) {
            cursor = attempt;
            return quoted;
        }
    } else if (cursor.peek() == '{') {
        attempt.skip(1);
        attempt.take_until("{}");
        if (attempt.take("}")) {
            const auto length = attempt.position() - cursor.position();
            std::string array(cursor.rest().substr(0, length));
            cursor = attempt;
            return array;
        }
    }
    return std::string(cursor.take_until(",)"));
}

Parsed<std::string> read_value(Cursor& cursor, ValueEnd end) {
    if (end == ValueEnd::InTree) return read_tree_value(cursor);
    std::string value(cursor.rest());
    cursor.skip(value.size());
    return value;
}

Parsed<void> read_is_value(Cursor& cursor, Filter& filter) {
    const std::string_view rest = cursor.rest();
    const auto word = rest.substr(0, rest.find_first_of(",)"));
    std::string lower(word);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (std::find(is_values.begin(), is_values.end(), lower) == is_values.end()) {
        return cursor.fail("isVal: (null, not_null, true, false, unknown)");
    }
    filter.value = std::move(lower);
    cursor.skip(word.size());
    return {};
}

/// `(any)`, `(all)` or `(config)`, whatever the operator takes.
Parsed<void> read_modifier(Cursor& cursor, const OperatorName& entry, Filter& filter) {
    if (entry.quantified && cursor.take("(any)")) filter.quantifier = Quantifier::Any;
    if (entry.quantified && cursor.take("(all)")) filter.quantifier = Quantifier::All;
    if (is_full_text(entry.op) && cursor.take("(")) {
        filter.config = cursor.take_until(")");
        cursor.take(")");
    }
    if (cursor.take(".")) return {};
    return cursor.fail("\".\"");
}

Parsed<void> read_operand(Cursor& cursor, Filter& filter, ValueEnd end) {
    if (filter.op == FilterOperator::Is) return read_is_value(cursor, filter);
    if (filter.op == FilterOperator::In) {
        auto items = read_in_list(cursor);
        if (!items) return std::unexpected(items.error());
        filter.items = std::move(*items);
        return {};
    }
    auto value = read_value(cursor, end);
    if (!value) return std::unexpected(value.error());
    filter.value = std::move(*value);
    if (filter.quantifier == Quantifier::None) return {};
    auto items = read_array_list(filter.value);
    if (!items) return std::unexpected(items.error());
    filter.items = std::move(*items);
    return {};
}

Parsed<void> read_condition(Cursor& cursor, Filter& filter, FilterBudget& budget, ValueEnd end) {
    if (budget.conditions == 0) {
        return Cursor::refuse(
            limit_error(fmt::format("a request holds at most {} filters", limits::filters_max)));
    }
    --budget.conditions;
    filter.negated = cursor.take("not.");
    const std::string_view rest = cursor.rest();
    const auto name = rest.substr(0, rest.find_first_of(".("));
    const OperatorName* entry = find_operator(name);
    if (entry == nullptr) {
        return cursor.fail(filter.negated ? "operator (eq, gt, ...)"
                                          : "\"not\" or operator (eq, gt, ...)");
    }
    cursor.skip(name.size());
    filter.op = entry->op;
    const auto modifier = read_modifier(cursor, *entry, filter);
    if (!modifier) return modifier;
    return read_operand(cursor, filter, end);
}

Parsed<Filter> read_tree(Cursor& cursor, FilterBudget& budget, std::size_t depth);

Parsed<Filter> read_group(Cursor& cursor, FilterBudget& budget, std::size_t depth, Filter group) {
    do {
        auto child = read_tree(cursor, budget, depth + 1);
        if (!child) return child;
        group.children.push_back(std::move(*child));
        cursor.skip_blanks();
    } while (cursor.take(","));
    if (!cursor.take(")")) return cursor.fail("\",\" or \")\"");
    cursor.skip_blanks();
    return group;
}

Parsed<Filter> read_tree(Cursor& cursor, FilterBudget& budget, std::size_t depth) {
    if (depth > limits::filter_depth_max) {
        return Cursor::refuse(limit_error(
            fmt::format("a logic tree is at most {} levels deep", limits::filter_depth_max)));
    }
    cursor.skip_blanks();
    Filter node;
    Cursor attempt = cursor;
    node.negated = attempt.take("not.");
    const bool conjunction = attempt.take("and(");
    if (conjunction || attempt.take("or(")) {
        cursor = attempt;
        node.kind = conjunction ? Filter::Kind::And : Filter::Kind::Or;
        return read_group(cursor, budget, depth, std::move(node));
    }
    auto field = read_field(cursor);
    if (!field) return std::unexpected(field.error());
    node.field = std::move(*field);
    if (!cursor.take(".")) return cursor.fail("\"->>\", \"->\" or \".\"");
    const auto done = read_condition(cursor, node, budget, ValueEnd::InTree);
    if (!done) return std::unexpected(done.error());
    return node;
}

}  // namespace

Parsed<void> read_operation(Cursor& cursor, Filter& filter, FilterBudget& budget) {
    const auto done = read_condition(cursor, filter, budget, ValueEnd::EndOfText);
    if (done && !cursor.at_end()) return cursor.fail("end of input");
    return done;
}

Parsed<Filter> read_logic_tree(Cursor& cursor, FilterBudget& budget) {
    auto tree = read_tree(cursor, budget, 0);
    if (tree && !cursor.at_end()) return cursor.fail("end of input");
    return tree;
}

}  // namespace dunlin::query
