#include <re2/re2.h>

#include <array>
#include <optional>
#include <utility>

#include "core/codec.h"
#include "core/limits.h"
#include "realtime/live_filter.h"

namespace dunlin::realtime {

namespace {

Error refused(std::string_view what) {
    return Error{ErrorCode::InvalidInput, "Error parsing `filter` params: " + std::string(what)};
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// The index of the comma that ends the part starting at `start`, or the size of the text. Commas
/// in quotes or parentheses do not count; a quote opens only right after `.`, `(` or `,`.
Result<std::size_t> end_of_part(std::string_view text, std::size_t start) {
    bool quoted = false;
    std::size_t depth = 0;
    char before = ',';
    for (std::size_t i = start; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') ++i;
            if (c == '"') quoted = false;
        } else if (c == '"' && (before == '.' || before == '(' || before == ',')) {
            quoted = true;
        } else if (c == '(') {
            ++depth;
        } else if (c == ')' && depth > 0) {
            --depth;
        } else if (c == ',' && depth == 0) {
            return i;
        }
        before = c;
    }
    if (quoted) return std::unexpected(refused("a quote is not closed"));
    if (depth > 0) return std::unexpected(refused("a parenthesis is not closed"));
    return text.size();
}

Result<std::vector<std::string_view>> split(std::string_view text, std::size_t parts_max) {
    std::vector<std::string_view> parts;
    std::size_t start = 0;
    while (true) {
        const auto end = end_of_part(text, start);
        if (!end) return std::unexpected(end.error());
        if (parts.size() == parts_max) {
            return std::unexpected(
                refused("more than " + std::to_string(parts_max) + " conditions or list items"));
        }
        parts.push_back(text.substr(start, *end - start));
        if (*end == text.size()) return parts;
        start = *end + 1;
    }
}

/// A value without its quotes, if it has any.
Result<std::string> unquote(std::string_view text) {
    if (!text.starts_with('"')) return std::string(text);
    std::string out;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            if (i + 1 != text.size()) return std::unexpected(refused("text after a closing quote"));
            return out;
        }
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        out += text[i];
    }
    return std::unexpected(refused("a quote is not closed"));
}

struct Operator {
    std::string_view name;
    FilterOperator op;
};

constexpr std::array<Operator, 13> operators{{
    {"eq", FilterOperator::Equal},
    {"neq", FilterOperator::NotEqual},
    {"lt", FilterOperator::Less},
    {"lte", FilterOperator::LessOrEqual},
    {"gt", FilterOperator::Greater},
    {"gte", FilterOperator::GreaterOrEqual},
    {"in", FilterOperator::In},
    {"is", FilterOperator::IsNull},
    {"isdistinct", FilterOperator::IsDistinct},
    {"like", FilterOperator::Matches},
    {"ilike", FilterOperator::Matches},
    {"match", FilterOperator::Matches},
    {"imatch", FilterOperator::Matches},
}};

std::optional<FilterOperator> find_operator(std::string_view name) {
    for (const Operator& entry : operators) {
        if (entry.name == name) return entry.op;
    }
    return std::nullopt;
}

Result<Value> read_value(const Column& column, const std::string& text) {
    auto value = codec::parse_text(column.type, text);
    if (!value) return std::unexpected(refused(value.error().message));
    return value;
}

Result<void> read_list(FilterCondition& condition, std::string_view text) {
    if (text.size() < 2 || !text.starts_with('(') || !text.ends_with(')')) {
        return std::unexpected(refused("`in` needs a list in parentheses"));
    }
    const std::string_view inside = text.substr(1, text.size() - 2);
    if (inside.empty()) return {};
    const auto parts = split(inside, limits::filter_in_items_max);
    if (!parts) return std::unexpected(parts.error());
    for (const std::string_view part : *parts) {
        const auto item = unquote(part);
        if (!item) return std::unexpected(item.error());
        auto value = read_value(*condition.column, *item);
        if (!value) return std::unexpected(value.error());
        condition.items.push_back(std::move(*value));
    }
    return {};
}

Result<void> read_is(FilterCondition& condition, std::string_view text) {
    if (text == "null") return {};
    if (text != "true" && text != "false" && text != "unknown") {
        return std::unexpected(refused("`is` needs null, true, false or unknown"));
    }
    if (condition.column->type.kind != TypeKind::Bool || condition.column->type.array) {
        return std::unexpected(refused("argument of IS " + std::string(text) +
                                       " must be type boolean, not type " +
                                       sql_type_name(condition.column->type)));
    }
    if (text == "true") condition.op = FilterOperator::IsTrue;
    if (text == "false") condition.op = FilterOperator::IsFalse;
    return {};
}

/// A LIKE pattern as a regular expression: % is any text, _ any character, \ takes the next as it
/// is.
Result<std::string> like_to_expression(std::string_view like) {
    std::string expression = "\\A";
    for (std::size_t i = 0; i < like.size(); ++i) {
        if (like[i] == '%') {
            expression += ".*";
        } else if (like[i] == '_') {
            expression += '.';
        } else {
            if (like[i] == '\\' && ++i == like.size()) {
                return std::unexpected(refused("LIKE pattern must not end with escape character"));
            }
            // QuoteMeta leaves bytes over 127 alone, so that a character may be passed by the byte.
            expression += re2::RE2::QuoteMeta(re2::StringPiece(&like[i], 1));
        }
    }
    return expression + "\\z";
}

Result<void> read_pattern(FilterCondition& condition, std::string_view op, std::string text) {
    const Type& type = condition.column->type;
    const bool is_text = type.kind == TypeKind::Text || type.kind == TypeKind::Varchar ||
                         type.kind == TypeKind::Char;
    if (!is_text || type.array) {
        return std::unexpected(
            refused("`" + std::string(op) + "` needs a text column, not " + sql_type_name(type)));
    }
    if (op.ends_with("like")) {
        auto expression = like_to_expression(text);
        if (!expression) return std::unexpected(expression.error());
        text = std::move(*expression);
    }
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_dot_nl(true);
    options.set_case_sensitive(!op.starts_with('i'));
    options.set_max_mem(256 * 1024);
    auto pattern = std::make_shared<const re2::RE2>(text, options);
    if (!pattern->ok()) {
        return std::unexpected(refused("invalid regular expression: " + pattern->error()));
    }
    condition.pattern = std::move(pattern);
    return {};
}

Result<void> read_operand(FilterCondition& condition, std::string_view op, std::string_view text) {
    if (condition.op == FilterOperator::IsNull) return read_is(condition, text);
    const Type& type = condition.column->type;
    if (type.array || type.kind == TypeKind::Json) {
        return std::unexpected(refused("operator `" + std::string(op) + "` is not supported on " +
                                       sql_type_name(type)));
    }
    if (condition.op == FilterOperator::In) return read_list(condition, text);
    if (condition.op == FilterOperator::IsDistinct && text == "null") return {};
    auto bare = unquote(text);
    if (!bare) return std::unexpected(bare.error());
    if (condition.op == FilterOperator::Matches) {
        return read_pattern(condition, op, std::move(*bare));
    }
    auto value = read_value(*condition.column, *bare);
    if (!value) return std::unexpected(value.error());
    condition.value = std::move(*value);
    return {};
}

Result<FilterCondition> read_condition(const Table& table, std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
        return std::unexpected(refused("\"" + std::string(text) + "\" is not column=op.value"));
    }
    const std::string_view name = text.substr(0, equals);
    const auto column = table.find_column(name);
    if (!column) {
        return std::unexpected(
            refused("column \"" + std::string(name) + "\" does not exist in " + table.name));
    }
    FilterCondition condition;
    condition.column = &table.columns[*column];
    condition.column_index = static_cast<std::uint32_t>(*column);

    std::string_view rest = text.substr(equals + 1);
    if (rest.starts_with("not.")) {
        condition.negated = true;
        rest.remove_prefix(4);
    }
    const std::size_t dot = rest.find('.');
    const std::string_view op_name = rest.substr(0, dot);
    const auto op = find_operator(op_name);
    if (!op || dot == std::string_view::npos) {
        return std::unexpected(refused("unknown operator in \"" + std::string(text) + "\""));
    }
    condition.op = *op;
    const auto read = read_operand(condition, op_name, rest.substr(dot + 1));
    if (!read) return std::unexpected(read.error());
    return condition;
}

}  // namespace

Result<LiveFilter> parse_live_filter(const Table& table, std::string_view text) {
    LiveFilter filter;
    if (is_blank(text)) return filter;
    const auto parts = split(text, limits::filter_conditions_max);
    if (!parts) return std::unexpected(parts.error());
    for (const std::string_view part : *parts) {
        auto condition = read_condition(table, part);
        if (!condition) return std::unexpected(condition.error());
        filter.conditions.push_back(std::move(*condition));
    }
    return filter;
}

}  // namespace dunlin::realtime
