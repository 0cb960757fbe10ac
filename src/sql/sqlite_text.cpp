#include "sql/sqlite_text.h"

#include <fmt/format.h>

#include "core/check.h"
#include "sql/coerce.h"
#include "sql/sqlite_writer.h"

namespace dunlin::sql {

namespace {

/// Values that are equal although their stored texts differ; a char(n) is padded, a literal beside
/// it not.
std::string collation(const Type& type) {
    const std::string_view name = collation_name(type);
    return name.empty() ? "" : fmt::format(" collate {}", name);
}

}  // namespace

std::string Writer::name_of(std::size_t level, int relation) const {
    if (excluded_ && level == 0 && relation == 1) return "excluded";
    return fmt::format("{}_{}_{}", alias_.empty() ? "q" : alias_, level, relation);
}

std::string Writer::column(const Expression& e) {
    const std::size_t depth = static_cast<std::size_t>(e.depth);
    if (depth < around_.size()) {
        const std::size_t level = around_.size() - 1 - depth;
        const Relation& relation = around_[level]->relations[static_cast<std::size_t>(e.relation)];
        const std::string name = name_of(level, e.relation);
        if (relation.rows != nullptr) return row_value(relation, name, e.column);
        if (!relation.recursive.empty()) return fmt::format("{}.c{}", name, e.column);
        return name + "." + quote_identifier(relation.table->columns[e.column].name);
    }
    CHECK(!e.name.empty());  // The table around an expression names its columns itself.
    return (alias_.empty() ? "" : quote_identifier(alias_) + ".") + quote_identifier(e.name);
}

/// A column of what json_each() gives of Relation::rows.
std::string Writer::row_value(const Relation& relation, const std::string& name,
                              std::size_t column) {
    const std::size_t values = relation.table->columns.size() - (relation.ordinality ? 1 : 0);
    if (column == values) return fmt::format("({}.key + 1)", name);
    return values == 1 ? name + ".value" : fmt::format("({}.value ->> {})", name, column);
}

bool Writer::is_row_value(const Expression& e) const {
    const auto depth = static_cast<std::size_t>(e.depth);
    if (e.kind != Expression::Kind::Column || depth >= around_.size()) return false;
    const Query& query = *around_[around_.size() - 1 - depth];
    return query.relations[static_cast<std::size_t>(e.relation)].rows != nullptr;
}

std::string Writer::list(const std::vector<Expression>& expressions, std::size_t from,
                         std::string_view separator) {
    std::string out;
    for (std::size_t i = from; i < expressions.size(); ++i) {
        if (i > from) out += separator;
        out += expression(expressions[i]);
    }
    return out;
}

/// A computed value has to name the order that a column brings along.
std::string Writer::collated(const Expression& e) {
    const bool computed = e.kind != Expression::Kind::Column || is_row_value(e);
    return expression(e) + (computed && e.type.kind != TypeKind::Char ? collation(e.type) : "");
}

std::string Writer::collated_list(const std::vector<Expression>& expressions) {
    std::string out;
    for (const Expression& e : expressions) out += (out.empty() ? "" : ", ") + collated(e);
    return out;
}

/// By value: 1 and 1.0 are equal, 9 is less than 10.
std::string Writer::jsonb_comparison(const Expression& left, std::string_view name,
                                     const Expression& right) {
    const std::string left_text = expression(left), right_text = expression(right);
    const std::string order = fmt::format("pg_jsonb_compare({}, {})", left_text, right_text);
    const bool distinct = name == "is_distinct";
    if (!distinct && name != "is_not_distinct") return fmt::format("({} {} 0)", order, name);
    const std::string_view op = distinct ? "<>" : "=";
    return fmt::format("coalesce({0} {1} 0, ({2} is null) {1} ({3} is null))", order, op, left_text,
                       right_text);
}

std::string Writer::in_list(const Expression& e) {
    const Type& type = e.arguments[0].type;
    if (!is_scalar(type, TypeKind::Jsonb)) {
        return fmt::format("({}{} {}in ({}))", expression(e.arguments[0]), collation(type),
                           e.negated ? "not " : "", list(e.arguments, 1, ", "));
    }
    std::string out;
    for (std::size_t i = 1; i < e.arguments.size(); ++i) {
        out += (i > 1 ? " or " : "") + jsonb_comparison(e.arguments[0], "=", e.arguments[i]);
    }
    return fmt::format("({}({}))", e.negated ? "not " : "", out);
}

std::string Writer::binary(const Expression& e) {
    if (is_scalar(e.arguments[0].type, TypeKind::Jsonb))
        return jsonb_comparison(e.arguments[0], e.name, e.arguments[1]);
    std::string_view name = e.name;
    if (name == "is_distinct") name = "is not";
    if (name == "is_not_distinct") name = "is";
    return fmt::format("({} {} {}{})", expression(e.arguments[0]), name, expression(e.arguments[1]),
                       collation(e.arguments[0].type));
}

std::string Writer::operation(const Expression& e) {
    if (e.name == "and" || e.name == "or")
        return "(" + list(e.arguments, 0, " " + e.name + " ") + ")";
    const auto suffix = [&](std::string_view test) {
        return "(" + expression(e.arguments[0]) + std::string(test) + ")";
    };
    if (e.name == "not") return "(not " + expression(e.arguments[0]) + ")";
    if (e.name == "is_null") return suffix(" is null");
    if (e.name == "is_not_null") return suffix(" is not null");
    if (e.name == "is_true") return suffix(" is true");
    if (e.name == "is_not_true") return suffix(" is not true");
    if (e.name == "is_false") return suffix(" is false");
    if (e.name == "is_not_false") return suffix(" is not false");
    return binary(e);
}

std::string Writer::case_of(const Expression& e) {
    std::string out = "(case";
    std::size_t i = 0;
    for (; i + 1 < e.arguments.size(); i += 2) {
        out += " when " + expression(e.arguments[i]) + " then " + expression(e.arguments[i + 1]);
    }
    return out + " else " + expression(e.arguments[i]) + " end)";
}

std::string Writer::aggregate(const Expression& e) {
    std::string inner, order, filter, partition;
    for (const Expression& argument : e.arguments) {
        const bool arranges = argument.kind == Expression::Kind::Operator;
        if (arranges && argument.name == "partition by") {
            partition +=
                (partition.empty() ? "partition by " : ", ") + collated(argument.arguments[0]);
        } else if (arranges && argument.name.starts_with("order by")) {
            order += (order.empty() ? " order by " : ", ") + collated(argument.arguments[0]) +
                     argument.name.substr(std::string_view("order by").size());
        } else if (arranges && argument.name == "filter where") {
            filter = fmt::format(" filter (where {})", expression(argument.arguments[0]));
        } else {
            inner += (inner.empty() ? "" : ", ") + collated(argument);
        }
    }
    const bool window = e.kind == Expression::Kind::Window;
    if (inner.empty() && e.name == "count") inner = "*";
    std::string_view name = e.name;
    if (name == "bool_and" || name == "every") name = "min";
    if (name == "bool_or") name = "max";
    if (window) {
        const std::string frame = e.value.is_text() ? " " + e.value.text() : "";
        return fmt::format("{}({}){} over ({}{}{})", name, inner, filter, partition, order, frame);
    }
    return fmt::format("{}({}{}{}){}", name, e.distinct ? "distinct " : "", inner, order, filter);
}

std::string Writer::expression(const Expression& e) {
    switch (e.kind) {
        case Expression::Kind::Literal:
            return quote_literal(e.value);
        case Expression::Kind::Column:
            return column(e);
        case Expression::Kind::Call:
            return e.name + "(" + list(e.arguments, 0, ", ") + ")";
        case Expression::Kind::Operator:
            return operation(e);
        case Expression::Kind::Case:
            return case_of(e);
        case Expression::Kind::In:
            return in_list(e);
        case Expression::Kind::Exists:
            return "exists (" + query(*e.query) + ")";
        case Expression::Kind::InQuery:
            return fmt::format("({}{} {}in ({}))", expression(e.arguments[0]),
                               collation(e.arguments[0].type), e.negated ? "not " : "",
                               query(*e.query));
        case Expression::Kind::ScalarQuery:
            return scalar_query(*e.query);
        case Expression::Kind::Aggregate:
        case Expression::Kind::Window:
            return aggregate(e);
        case Expression::Kind::Variable:
            return fmt::format("?{}", e.column + 1);
    }
    return "null";
}

/// SQLite takes the first of several rows, PostgreSQL refuses them.
std::string Writer::scalar_query(const Query& scalar) {
    const auto& limit = scalar.limit;
    const bool one =
        limit && limit->kind == Expression::Kind::Literal && limit->value == Value(std::int64_t{1});
    const Expression& value = scalar.targets[0].expression;
    if (one || (scalar.group_by.empty() && has_aggregate(value))) return "(" + query(scalar) + ")";
    return fmt::format("(select pg_single(count(*), min({})) from (select * from ({}) limit 2))",
                       quote_identifier(scalar.targets[0].name), query(scalar));
}

/// A relation with its name: a table, the rows of it that the reader may see and the search finds,
/// or a subquery.
std::string Writer::relation(const Relation& relation, const std::string& name, bool definer,
                             const std::string& searched) {
    if (relation.query != nullptr) return "(" + query(*relation.query) + ") as " + name;
    if (relation.rows != nullptr)
        return fmt::format("json_each({}) as {}", expression(*relation.rows), name);
    if (!relation.recursive.empty())
        return fmt::format("{} as {}", quote_identifier("with " + relation.recursive), name);
    const Table& table = *relation.table;
    const auto& condition = definer ? filter_.owner_condition : filter_.condition;
    std::string visible = condition ? condition(table, name) : "";
    if (!searched.empty())
        visible = visible.empty() ? searched : "(" + visible + ") and " + searched;
    std::string stored = !definer && filter_.source ? filter_.source(table) : "";
    if (stored.empty()) stored = quote_identifier(table.storage_name());
    if (visible.empty()) return stored + " as " + name;
    // The rule belongs to the table, not to the result: a LEFT JOIN must not lose rows by it.
    return fmt::format("(select * from {} as {} where {}) as {}", stored, name, visible, name);
}

static std::string_view join_word(Join::Kind kind) {
    switch (kind) {
        case Join::Kind::Left:
            return " left join ";
        case Join::Kind::Right:
            return " right join ";
        case Join::Kind::Full:
            return " full join ";
        default:
            return " join ";
    }
}

std::string Writer::from_clause(const Query& query, std::size_t first) {
    const std::size_t level = around_.size() - 1;
    std::string out;
    for (std::size_t i = first; i < query.relations.size(); ++i) {
        const Join* join = i == first ? nullptr : &query.joins[i - 1];
        if (join != nullptr) out += join_word(join->kind);
        out += relation(query.relations[i], name_of(level, static_cast<int>(i)), query.definer,
                        search_condition(query, i));
        if (join != nullptr && join->on) out += " on " + expression(*join->on);
    }
    return out;
}

std::string Writer::order_clause(const Query& query) {
    std::string out;
    for (const OrderTerm& term : query.order_by) {
        out += fmt::format("{}{}{} nulls {}", out.empty() ? " order by " : ", ",
                           collated(term.expression), term.descending ? " desc" : "",
                           term.nulls_first ? "first" : "last");
    }
    return out;
}

static std::string combination_word(Combination::Kind kind) {
    switch (kind) {
        case Combination::Kind::UnionAll:
            return " union all ";
        case Combination::Kind::Intersect:
            return " intersect ";
        case Combination::Kind::Except:
            return " except ";
        default:
            return " union ";
    }
}

/// `with recursive "with t"(c0, c1) as (first union term) select c0 as "a", … from "with t"`
std::string Writer::recursive_query(const Query& query) {
    Query first = query;
    first.recursive.clear();
    const std::string name = quote_identifier("with " + query.recursive);
    std::string columns, targets;
    for (std::size_t c = 0; c < query.targets.size(); ++c) {
        columns += fmt::format("{}c{}", c > 0 ? ", " : "", c);
        targets += fmt::format("{}c{} as {}", c > 0 ? ", " : "", c,
                               quote_identifier(query.targets[c].name));
    }
    return fmt::format("with recursive {}({}) as ({}) select {} from {}", name, columns,
                       this->query(first), targets, name);
}

std::string Writer::query(const Query& query) {
    if (!query.recursive.empty()) return recursive_query(query);
    around_.push_back(&query);
    std::string out = query.distinct ? "select distinct " : "select ";
    if (query.targets.empty()) out += "1";
    for (std::size_t i = 0; i < query.targets.size(); ++i) {
        if (i > 0) out += ", ";
        out += collated(query.targets[i].expression) + " as " +
               quote_identifier(query.targets[i].name);
    }
    if (!query.relations.empty()) out += " from " + from_clause(query, 0);
    if (query.where) out += " where " + expression(*query.where);
    if (!query.group_by.empty()) out += " group by " + collated_list(query.group_by);
    if (query.having) out += " having " + expression(*query.having);
    for (const Combination& other : query.combined) {
        around_.pop_back();  // beside this query, not inside of it
        out += combination_word(other.kind) + this->query(*other.query);
        around_.push_back(&query);
    }
    out += order_clause(query);
    if (query.limit) out += " limit " + expression(*query.limit);
    if (query.offset)
        out += (query.limit ? " offset " : " limit -1 offset ") + expression(*query.offset);
    around_.pop_back();
    return out;
}

std::string sqlite_text(const Expression& expression, std::string_view alias,
                        const RelationFilter& filter) {
    return Writer(alias, filter).expression(expression);
}

std::string sqlite_text(const Query& query, const RelationFilter& filter) {
    return Writer("", filter).query(query);
}

std::string sqlite_text(const Query& query, std::string_view alias, const RelationFilter& filter) {
    return Writer(alias, filter).query(query);
}

}  // namespace dunlin::sql
