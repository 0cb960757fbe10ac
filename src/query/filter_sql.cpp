#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "core/check.h"
#include "query/sql_builder.h"

namespace dunlin::query {

namespace {

bool is_text_like(const Type& type) {
    return !type.array && (type.kind == TypeKind::Text || type.kind == TypeKind::Varchar ||
                           type.kind == TypeKind::Char);
}

/// A column is compared with any value of its type, not only with those that it could hold: 99.995
/// is no numeric(10,2), but numeric(10,2) is less than it. char(n) is padded, so it keeps its n.
Type without_modifiers(Type type) {
    if (type.kind == TypeKind::Char) return type;
    type.precision = -1;
    type.scale = -1;
    type.length_max = 0;
    return type;
}

bool is_range_value(const FieldExpression& field) {
    return !field.type.array && is_range(field.type.kind);
}

bool is_enum(const Type& type) {
    return !type.array && type.kind == TypeKind::Enum;
}

std::int64_t label_rank(const Type& type, const std::string& label) {
    return std::find(type.labels.begin(), type.labels.end(), label) - type.labels.begin();
}

std::string_view comparison_text(FilterOperator op) {
    switch (op) {
        case FilterOperator::Eq:
            return "=";
        case FilterOperator::Neq:
            return "<>";
        case FilterOperator::Lt:
            return "<";
        case FilterOperator::Lte:
            return "<=";
        case FilterOperator::Gt:
            return ">";
        default:
            return ">=";
    }
}

struct PatternOperator {
    std::string_view function;
    std::string_view pg_operator;
};

PatternOperator pattern_operator(FilterOperator op) {
    switch (op) {
        case FilterOperator::Like:
            return {"pg_like", "~~"};
        case FilterOperator::ILike:
            return {"pg_ilike", "~~*"};
        case FilterOperator::Match:
            return {"pg_match", "~"};
        default:
            return {"pg_imatch", "~*"};
    }
}

bool is_like(FilterOperator op) {
    return op == FilterOperator::Like || op == FilterOperator::ILike;
}

/// Joins conditions as a balanced tree: SQLite bounds the depth of an expression, and reads
/// `a or b or c` as a chain.
std::string join(std::span<const std::string> conditions, std::string_view conjunction) {
    if (conditions.size() == 1) return "(" + conditions.front() + ")";
    const std::size_t half = conditions.size() / 2;
    return fmt::format("({} {} {})", join(conditions.first(half), conjunction), conjunction,
                       join(conditions.subspan(half), conjunction));
}

/// Writes the conditions of one statement.
class FilterWriter {
public:
    FilterWriter(const Scope& scope, Parameters& parameters, const EmbedFilter& embeds)
        : scope_(scope), parameters_(parameters), embeds_(embeds) {}

    Result<std::string> write(const Filter& filter) { return write(filter, Sense::Plain); }

private:
    /// `around`: whether a group around it is negated.
    Result<std::string> write(const Filter& filter, Sense around) {
        const Sense sense = filter.negated ? Sense::Negated : around;
        auto sql = filter.kind == Filter::Kind::Condition ? condition(filter, sense)
                                                          : group(filter, sense);
        if (sql && filter.negated) return "not (" + *sql + ")";
        return sql;
    }

    Result<std::string> group(const Filter& filter, Sense sense) {
        std::vector<std::string> children;
        for (const Filter& child : filter.children) {
            auto sql = write(child, sense);
            if (!sql) return sql;
            children.push_back(std::move(*sql));
        }
        return join(children, filter.kind == Filter::Kind::And ? "and" : "or");
    }

    Result<std::string> condition(const Filter& filter, Sense sense) {
        if (embeds_) {
            auto embedded = embeds_(filter);
            if (!embedded) return std::unexpected(embedded.error());
            if (*embedded) return std::move(**embedded);
        }
        auto field = field_expression(scope_, filter.field, parameters_);
        if (!field) return std::unexpected(field.error());
        field->type = without_modifiers(std::move(field->type));
        switch (filter.op) {
            case FilterOperator::Eq:
            case FilterOperator::Neq:
            case FilterOperator::Lt:
            case FilterOperator::Lte:
            case FilterOperator::Gt:
            case FilterOperator::Gte:
            case FilterOperator::Like:
            case FilterOperator::ILike:
            case FilterOperator::Match:
            case FilterOperator::IMatch:
                return quantified(*field, filter);
            case FilterOperator::In:
                return in_list(*field, filter);
            case FilterOperator::Is:
                return is_value(*field, filter.value);
            case FilterOperator::IsDistinct:
                return distinct(*field, filter.value);
            case FilterOperator::Contains:
            case FilterOperator::ContainedBy:
                if (is_range_value(*field)) return range_filter(*field, filter, parameters_);
                return contains(*field, filter.value, filter.op == FilterOperator::ContainedBy);
            case FilterOperator::Overlaps:
                if (is_range_value(*field)) return range_filter(*field, filter, parameters_);
                return overlaps(*field, filter.value);
            case FilterOperator::Fts:
            case FilterOperator::Plfts:
            case FilterOperator::Phfts:
            case FilterOperator::Wfts:
                return search_filter(scope_, *field, filter, sense, parameters_);
            case FilterOperator::RangeStrictlyRight:
            case FilterOperator::RangeStrictlyLeft:
            case FilterOperator::RangeNotLeft:
            case FilterOperator::RangeNotRight:
            case FilterOperator::RangeAdjacent:
                return range_filter(*field, filter, parameters_);
        }
        CHECK(false);
    }

    Result<std::string> quantified(const FieldExpression& field, const Filter& filter) {
        if (filter.quantifier == Quantifier::None) return simple(field, filter.op, filter.value);
        const bool any = filter.quantifier == Quantifier::Any;
        if (filter.items.empty()) return any ? "0" : "1";
        std::vector<std::string> items;
        for (const std::string& item : filter.items) {
            auto sql = simple(field, filter.op, item);
            if (!sql) return sql;
            items.push_back(std::move(*sql));
        }
        return join(items, any ? "or" : "and");
    }

    Result<std::string> simple(const FieldExpression& field, FilterOperator op,
                               const std::string& value) {
        const bool pattern =
            is_like(op) || op == FilterOperator::Match || op == FilterOperator::IMatch;
        return pattern ? match_pattern(field, op, value) : compare(field, op, value);
    }

    Result<std::string> compare(const FieldExpression& field, FilterOperator op,
                                const std::string& text) {
        const std::string_view sign = comparison_text(op);
        if (field.type.kind == TypeKind::Json)
            return std::unexpected(no_operator(field.type, sign));
        const bool equality = op == FilterOperator::Eq || op == FilterOperator::Neq;
        if (!equality && field.type.array) {
            return std::unexpected(
                sql_error("0A000", fmt::format("ordering values of type {} is not supported",
                                               sql_type_name(field.type))));
        }
        auto value = read_value(field.type, text);
        if (!value) return std::unexpected(value.error());
        if (!equality && is_enum(field.type)) {
            return fmt::format("{} {} {}", enum_rank_sql(field.type, field.sql), sign,
                               parameters_.add(Value(label_rank(field.type, value->text()))));
        }
        const std::string parameter = parameters_.add(std::move(*value));
        if (!equality && field.type.kind == TypeKind::Jsonb) {
            return fmt::format("pg_jsonb_compare({}, {}) {} 0", field.sql, parameter, sign);
        }
        return fmt::format("{} {} {}", field.sql, sign, parameter);
    }

    Result<std::string> match_pattern(const FieldExpression& field, FilterOperator op,
                                      const std::string& text) {
        const PatternOperator pattern = pattern_operator(op);
        if (!is_text_like(field.type)) {
            return std::unexpected(no_operator(field.type, pattern.pg_operator));
        }
        auto value = read_value(Type{TypeKind::Text}, text);
        if (!value) return std::unexpected(value.error());
        std::string wanted = value->text();
        // `*` stands for `%`, which URLs carry badly.
        if (is_like(op)) std::replace(wanted.begin(), wanted.end(), '*', '%');
        return fmt::format("{}({}, {})", pattern.function, field.sql,
                           parameters_.add(Value(std::move(wanted))));
    }

    Result<std::string> in_list(const FieldExpression& field, const Filter& filter) {
        if (field.type.kind == TypeKind::Json) return std::unexpected(no_operator(field.type, "="));
        // PostgREST takes `in.()` for the empty list, not for one empty text.
        if (filter.items.size() == 1 && filter.items.front().empty()) return "0";
        std::string out = field.sql + " in (";
        for (std::size_t i = 0; i < filter.items.size(); ++i) {
            auto value = read_value(field.type, filter.items[i]);
            if (!value) return std::unexpected(value.error());
            if (i > 0) out += ", ";
            out += parameters_.add(std::move(*value));
        }
        return out + ")";
    }

    static Result<std::string> is_value(const FieldExpression& field, const std::string& word) {
        if (word == "null") return field.sql + " is null";
        if (word == "not_null") return field.sql + " is not null";
        if (field.type.kind != TypeKind::Bool || field.type.array) {
            std::string upper = word;
            for (char& c : upper) c = static_cast<char>(c - 32);
            return std::unexpected(sql_error(
                "42804", fmt::format("argument of IS {} must be type boolean, not type {}", upper,
                                     sql_type_name(field.type))));
        }
        if (word == "unknown") return field.sql + " is null";
        return field.sql + (word == "true" ? " is 1" : " is 0");
    }

    Result<std::string> distinct(const FieldExpression& field, const std::string& text) {
        if (field.type.kind == TypeKind::Json) return std::unexpected(no_operator(field.type, "="));
        auto value = read_value(field.type, text);
        if (!value) return std::unexpected(value.error());
        return fmt::format("{} is not {}", field.sql, parameters_.add(std::move(*value)));
    }

    Result<std::string> contains(const FieldExpression& field, const std::string& text,
                                 bool reversed) {
        const bool jsonb = field.type.kind == TypeKind::Jsonb && !field.type.array;
        if (!jsonb && !field.type.array) {
            return std::unexpected(no_operator(field.type, reversed ? "<@" : "@>"));
        }
        auto value = read_value(field.type, text);
        if (!value) return std::unexpected(value.error());
        const std::string given = parameters_.add(std::move(*value));
        const std::string_view function = jsonb ? "pg_json_contains" : "pg_array_contains";
        return reversed ? fmt::format("{}({}, {})", function, given, field.sql)
                        : fmt::format("{}({}, {})", function, field.sql, given);
    }

    Result<std::string> overlaps(const FieldExpression& field, const std::string& text) {
        if (!field.type.array) return std::unexpected(no_operator(field.type, "&&"));
        auto value = read_value(field.type, text);
        if (!value) return std::unexpected(value.error());
        return fmt::format("pg_array_overlap({}, {})", field.sql,
                           parameters_.add(std::move(*value)));
    }

    const Scope& scope_;
    Parameters& parameters_;
    const EmbedFilter& embeds_;
};

}  // namespace

Result<std::string> filter_sql(const Scope& scope, const Filter& filter, Parameters& parameters,
                               const EmbedFilter& embeds) {
    return FilterWriter(scope, parameters, embeds).write(filter);
}

}  // namespace dunlin::query
