#include "query/read_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/codec.h"
#include "core/limits.h"
#include "query/cursor.h"
#include "query/given_rows.h"
#include "query/read_fields.h"

namespace dunlin::query {

namespace {

/// The keys of all parents, as the first column of a child's statement.
constexpr std::string_view keys_from = "json_each(?1) as k";
constexpr std::string_view key_place = "k.\"key\"";

/// `child."fk" = k."value"`
std::string key_condition(const Table& table, std::string_view alias, const ColumnPairs& pairs) {
    std::string out;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const Column& column = table.columns[pairs[i].second];
        const std::string value =
            pairs.size() == 1 ? "k.\"value\"" : fmt::format("(k.\"value\" ->> {})", i);
        out += fmt::format("{}{} = {}", i == 0 ? "" : " and ", column_sql({table, alias}, column),
                           decoded(column.type, value));
    }
    return out;
}

struct ChildSource {
    std::string from;
    std::string join;
    std::string key{key_place};
};

/// Equal values of the type are stored alike, so that a key is found by its text.
bool stored_alike(const Type& type) {
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
        case TypeKind::Timestamp:
        case TypeKind::TimestampTz:
        case TypeKind::Enum:
            return true;
        default:
            return false;
    }
}

/// Without an index one pass over the relation beats one for each key.
bool is_scanned(const ReadTree& tree) {
    if (tree.function) return false;
    const Relationship& r = *tree.relationship;
    return r.junction == nullptr && r.columns.size() == 1 &&
           stored_alike(r.target->columns[r.columns.front().second].type) &&
           !is_indexed(*r.target, r.columns);
}

/// `cross join` keeps the keys outermost: each looks its rows up, by an index of the table or one
/// that SQLite makes for the statement.
ChildSource child_source(const ReadTree& tree) {
    if (tree.function) {
        return {fmt::format("{} as {}", tree.function->keyed, tree.alias), "",
                fmt::format("{}.{}", tree.alias, parent_place)};
    }
    const Relationship& r = *tree.relationship;
    if (is_scanned(tree)) {
        const std::string key =
            column_sql({*r.target, tree.alias}, r.target->columns[r.columns.front().second]);
        return {fmt::format("{} as {}", tree.source.relation, tree.alias),
                fmt::format("{} in (select k.\"value\" from {})", key, keys_from), key};
    }
    if (r.junction == nullptr) {
        return {fmt::format("{} cross join {} as {}", keys_from, tree.source.relation, tree.alias),
                key_condition(*r.target, tree.alias, r.columns)};
    }
    ChildSource source{
        fmt::format("{} cross join {} as {} cross join {} as {}", keys_from, tree.junction.relation,
                    tree.junction_alias, tree.source.relation, tree.alias),
        key_condition(*r.junction, tree.junction_alias, r.columns)};
    for (const auto& [own, target] : r.target_columns) {
        source.join += fmt::format(
            " and {} = {}", column_sql({*r.target, tree.alias}, r.target->columns[target]),
            column_sql({*r.junction, tree.junction_alias}, r.junction->columns[own]));
    }
    if (!tree.junction.condition.empty())
        source.join += fmt::format(" and ({})", tree.junction.condition);
    return source;
}

std::string joined(const std::vector<std::string>& parts, std::string_view start) {
    return parts.empty() ? "" : fmt::format("{}{}", start, fmt::join(parts, ", "));
}

/// ` group by 1, 3`: ordinals, `shift` columns further.
std::string group_by(const FieldList& list, std::vector<std::string> first, std::size_t shift) {
    if (!list.grouped()) return {};
    for (const std::size_t at : list.groups()) first.push_back(std::to_string(at + 1 + shift));
    return joined(first, " group by ");
}

Result<void> check_size(const SqlText& text) {
    if (text.sql.size() <= limits::read_statement_bytes_max &&
        text.parameters.size() <= limits::read_values_max) {
        return {};
    }
    return std::unexpected(limit_error("the request asks for too much at once"));
}

class Planner {
public:
    explicit Planner(const ReadContext& context) : context_(context) {}

    Result<ReadNode> root(const ReadTree& tree, ReadPlan& plan) const {
        Parameters parameters = first_parameter();
        FieldList list(tree, parameters);
        const auto added = list.add_items(plan_child());
        if (!added) return std::unexpected(added.error());
        const auto where = tree_where(tree, "", parameters);
        if (!where) return std::unexpected(where.error());
        const auto terms = list.order_terms();
        if (!terms) return std::unexpected(terms.error());
        const bool all = context_.source == RowSource::Written && where->empty() && terms->empty();
        if (all && !list.grouped()) plan.given_columns = list.plain_columns();
        const std::string range = root_range(tree, parameters);
        const std::string outputs = list.outputs().empty() ? "1" : joined(list.outputs(), "");
        return finish(list, parameters,
                      fmt::format("select {} from {}{}{}{}{}", outputs, root_from(tree), *where,
                                  group_by(list, {}, 0), joined(*terms, " order by "), range));
    }

    Result<SqlText> total(const ReadTree& tree) const {
        Parameters parameters = first_parameter();
        FieldList list(tree, parameters);
        const bool grouped = is_grouped(tree);
        if (grouped) {
            const auto added = list.add_items(plan_child());
            if (!added) return std::unexpected(added.error());
        }
        const auto where = tree_where(tree, "", parameters);
        if (!where) return std::unexpected(where.error());
        const std::string rows = fmt::format("from {}{}", root_from(tree), *where);
        SqlText text{grouped ? fmt::format("select count(*) from (select {} {}{})",
                                           joined(list.outputs(), ""), rows, group_by(list, {}, 0))
                             : "select count(*) " + rows,
                     parameters.take()};
        const auto fits = check_size(text);
        if (!fits) return std::unexpected(fits.error());
        return text;
    }

private:
    FieldList::PlanChild plan_child() const {
        return [this](const ReadTree& tree) { return child(tree); };
    }

    Result<ReadNode> child(const ReadTree& tree) const {
        Parameters parameters;
        parameters.add({});  // the keys
        FieldList list(tree, parameters);
        const auto added = list.add_items(plan_child());
        if (!added) return std::unexpected(added.error());
        const ChildSource source = child_source(tree);
        const auto where = tree_where(tree, source.join, parameters);
        if (!where) return std::unexpected(where.error());
        const auto terms = list.order_terms();
        if (!terms) return std::unexpected(terms.error());
        const std::string rows =
            fmt::format("from {}{}{}", source.from, *where, group_by(list, {source.key}, 1));
        const std::string outputs = joined(list.outputs(), ", ");
        const bool ranged = tree.limit || tree.offset.value_or(0) > 0;
        return finish(
            list, parameters,
            ranged ? ranged_child(tree, source.key, list, *terms, rows, parameters)
                   : fmt::format("select {}{} {}{} limit {}", source.key, outputs, rows,
                                 joined(*terms, " order by "), limits::embedded_rows_max + 1),
            &tree);
    }

    /// Limit and offset count within the rows of one parent.
    static std::string ranged_child(const ReadTree& tree, const std::string& key,
                                    const FieldList& list, const std::vector<std::string>& terms,
                                    const std::string& rows, Parameters& parameters) {
        std::string inner, outer;
        for (std::size_t i = 0; i < list.outputs().size(); ++i) {
            inner += fmt::format(", {} as c{}", list.outputs()[i], i);
            outer += fmt::format(", c{}", i);
        }
        const std::uint64_t offset = tree.offset.value_or(0);
        std::string range = "n > " + parameters.add_count(offset);
        if (tree.limit) {
            const bool overflows = *tree.limit > UINT64_MAX - offset;
            range +=
                " and n <= " + parameters.add_count(overflows ? UINT64_MAX : *tree.limit + offset);
        }
        return fmt::format(
            "select p{} from (select {} as p{}, row_number() over (partition by {}{}) as n {}) "
            "where "
            "{} order by p, n limit {}",
            outer, key, inner, key, joined(terms, " order by "), rows, range,
            limits::embedded_rows_max + 1);
    }

    Parameters first_parameter() const {
        Parameters parameters;
        if (context_.source != RowSource::Stored) parameters.add({});  // the given rows
        return parameters;
    }

    std::string root_from(const ReadTree& tree) const {
        return fmt::format(
            "{} as {}",
            context_.source == RowSource::Stored ? tree.source.relation : given_rows(*tree.table),
            tree.alias);
    }

    std::string root_range(const ReadTree& tree, Parameters& parameters) const {
        if (context_.source == RowSource::Written) return {};
        std::string out =
            " limit " + parameters.add_count(
                            std::min(tree.limit.value_or(context_.rows_max), context_.rows_max));
        if (tree.offset.value_or(0) > 0) out += " offset " + parameters.add_count(*tree.offset);
        return out;
    }

    /// `tree` of a child, whose rows begin with the place of the key.
    static Result<ReadNode> finish(FieldList& list, Parameters& parameters, std::string sql,
                                   const ReadTree* tree = nullptr) {
        ReadNode node;
        node.text.sql = std::move(sql);
        node.text.parameters = parameters.take();
        const auto fits = check_size(node.text);
        if (!fits) return std::unexpected(fits.error());
        node.fields = std::move(list.fields);
        node.children = std::move(list.children);
        write_keys(node.fields);
        if (tree == nullptr) return node;
        node.keyed_by_value = is_scanned(*tree);
        shift(node.fields);
        for (ReadNode& child : node.children) {
            for (std::size_t& column : child.parent_columns) ++column;
        }
        if (is_single_group(*tree) && tree->limit != 0U && tree->offset.value_or(0) == 0) {
            node.when_empty = std::move(list.empty_values);
            node.when_empty->insert(node.when_empty->begin(), Value());
        }
        return node;
    }

    static void write_keys(std::vector<ReadField>& fields) {
        for (ReadField& field : fields) {
            codec::write_json_string(field.name, field.key);
            field.key.push_back(':');
            write_keys(field.members);
        }
    }

    static void shift(std::vector<ReadField>& fields) {
        for (ReadField& field : fields) {
            ++field.column;
            shift(field.members);
        }
    }

    const ReadContext& context_;
};

}  // namespace

Result<ReadPlan> plan_read(const Table& table, const RestQuery& query, const ReadContext& context) {
    const auto tree = read_tree(table, query, context);
    if (!tree) return std::unexpected(tree.error());
    const Planner planner(context);
    ReadPlan plan;
    plan.given = context.source != RowSource::Stored;
    auto root = planner.root(*tree, plan);
    if (!root) return std::unexpected(root.error());
    plan.root = std::move(*root);
    if (!context.total) return plan;
    auto total = planner.total(*tree);
    if (!total) return std::unexpected(total.error());
    plan.total = std::move(*total);
    return plan;
}

}  // namespace dunlin::query
