#include "sql/ddl_meaning.h"

#include <fmt/format.h>

#include <algorithm>

namespace dunlin::sql {

namespace {

using Kind = Expression::Kind;

/// Compares structure. Types may differ: a column's may have changed.
class Comparison {
public:
    explicit Comparison(ColumnsBy by) : by_(by) {}

    bool same(const Expression& left, const Expression& right) const {
        if (left.kind != right.kind || left.arguments.size() != right.arguments.size())
            return false;
        if (left.kind == Kind::Column) return same_column(left, right);
        if (left.name != right.name || left.negated != right.negated) return false;
        if (left.kind == Kind::Literal && left.value != right.value) return false;
        if ((left.query == nullptr) != (right.query == nullptr)) return false;
        if (!all_same(left.arguments, right.arguments)) return false;
        return left.query == nullptr || same_query(*left.query, *right.query, left.kind);
    }

private:
    bool same_column(const Expression& left, const Expression& right) const {
        const bool same =
            by_ == ColumnsBy::Name ? left.name == right.name : left.column == right.column;
        return same && left.relation == right.relation && left.depth == right.depth;
    }

    bool all_same(const std::vector<Expression>& left, const std::vector<Expression>& right) const {
        return std::ranges::equal(left, right,
                                  [&](const auto& a, const auto& b) { return same(a, b); });
    }

    bool same_optional(const std::optional<Expression>& left,
                       const std::optional<Expression>& right) const {
        return left.has_value() == right.has_value() && (!left || same(*left, *right));
    }

    bool same_query(const Query& left, const Query& right, Kind around) const {
        const auto same_relation = [&](const Relation& a, const Relation& b) {
            if ((a.rows == nullptr) != (b.rows == nullptr) || a.recursive != b.recursive)
                return false;
            if (a.rows != nullptr) return same(*a.rows, *b.rows);
            if (!a.recursive.empty()) return true;
            if (a.query == nullptr || b.query == nullptr) return a.table == b.table;
            return same_query(*a.query, *b.query, Kind::ScalarQuery);
        };
        const auto same_combination = [&](const Combination& a, const Combination& b) {
            return a.kind == b.kind && same_query(*a.query, *b.query, Kind::ScalarQuery);
        };
        const auto same_join = [&](const Join& a, const Join& b) {
            return same_optional(a.on, b.on);
        };
        const auto same_target = [&](const Target& a, const Target& b) {
            return same(a.expression, b.expression);
        };
        const auto same_order = [&](const OrderTerm& a, const OrderTerm& b) {
            return same(a.expression, b.expression);
        };
        const bool outputs =
            around == Kind::Exists || std::ranges::equal(left.targets, right.targets, same_target);
        return outputs && std::ranges::equal(left.relations, right.relations, same_relation) &&
               std::ranges::equal(left.combined, right.combined, same_combination) &&
               std::ranges::equal(left.joins, right.joins, same_join) &&
               same_optional(left.where, right.where) && all_same(left.group_by, right.group_by) &&
               same_optional(left.having, right.having) &&
               std::ranges::equal(left.order_by, right.order_by, same_order);
    }

    ColumnsBy by_;
};

void add_policies(const Schema& schema, const Table& table, Meanings& meanings) {
    for (const Policy& policy : table.policies) {
        for (const auto& [text, part] :
             {std::pair(&policy.using_text, "USING"), {&policy.check_text, "WITH CHECK"}}) {
            if (text->empty()) continue;
            auto condition = analyze_expression(schema, &table, *text, &bool_type());
            if (!condition) continue;  // refused elsewhere
            meanings.emplace(
                fmt::format("{} of policy \"{}\" of table \"{}\"", part, policy.name, table.name),
                std::move(*condition));
        }
    }
}

}  // namespace

Meanings meanings_of(const Schema& schema) {
    Meanings meanings;
    for (const auto& [name, table] : schema.tables) {
        add_policies(schema, table, meanings);
        if (table.kind != RelationKind::View) continue;
        const auto tree = parse(table.view_text);
        if (!tree) continue;
        auto query = analyze_query(schema, *tree->statements()[0]->stmt->select_stmt);
        if (!query) continue;
        Expression whole{.kind = Kind::ScalarQuery};
        whole.query = std::make_shared<const Query>(std::move(*query));
        meanings.emplace(fmt::format("view \"{}\"", shown_name(name)), std::move(whole));
    }
    return meanings;
}

Done require_same_meanings(const Meanings& before, const Schema& schema, ColumnsBy by, int offset) {
    const Meanings after = meanings_of(schema);
    const Comparison comparison(by);
    for (const auto& [what, meaning] : before) {
        const auto found = after.find(what);
        if (found == after.end() || comparison.same(meaning, found->second)) continue;
        return refuse(offset, "2BP01", what + " would read another column of that name",
                      "Write the columns there with the name of their table.");
    }
    return {};
}

}  // namespace dunlin::sql
