#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <string_view>

#include "query/body.h"
#include "query/column_rights.h"
#include "query/sql_builder.h"

namespace dunlin::query {

namespace json = boost::json;

namespace {

/// Well under SQLite's limit, and few enough that preparing the statement stays cheap.
constexpr std::size_t parameters_per_statement_max = 30'000;

bool same_columns(const std::vector<std::size_t>& key, const std::vector<std::size_t>& wanted) {
    return key.size() == wanted.size() &&
           std::is_permutation(key.begin(), key.end(), wanted.begin());
}

bool is_unique(const Table& table, const std::vector<std::size_t>& columns) {
    const auto matches = [&](const auto& key) { return same_columns(key.columns, columns); };
    return matches(table.primary_key) ||
           std::any_of(table.unique_keys.begin(), table.unique_keys.end(), matches) ||
           std::any_of(table.indexes.begin(), table.indexes.end(),
                       [&](const Index& index) { return index.unique && matches(index); });
}

/// The columns of ON CONFLICT; none when the table has no key and none were named.
Result<std::vector<std::size_t>> conflict_columns(const Table& table, const RestQuery& query) {
    if (query.on_conflict.empty()) return table.primary_key.columns;
    std::vector<std::size_t> columns;
    for (const std::string& name : query.on_conflict) {
        const auto column = table.find_column(name);
        if (!column) {
            return std::unexpected(
                sql_error("42703", fmt::format("column \"{}\" does not exist", name)));
        }
        columns.push_back(*column);
    }
    if (is_unique(table, columns)) return columns;
    return std::unexpected(sql_error("42P10",
                                     "there is no unique or exclusion constraint matching the ON "
                                     "CONFLICT specification"));
}

std::string name_list(const Table& table, const std::vector<std::size_t>& columns) {
    std::string out;
    for (const std::size_t column : columns) {
        if (!out.empty()) out += ", ";
        out += quote_identifier(table.columns[column].name);
    }
    return out;
}

/// `"a" = excluded."a", …` for what is no part of the key, or for the key itself when nothing else
/// is given: the row must be updated to be returned.
std::string merge_list(const Table& table, const std::vector<std::size_t>& given,
                       const std::vector<std::size_t>& key) {
    std::string out;
    std::string key_out;
    for (const std::size_t column : given) {
        const bool in_key = std::find(key.begin(), key.end(), column) != key.end();
        std::string& list = in_key ? key_out : out;
        const std::string name = quote_identifier(table.columns[column].name);
        list += fmt::format("{}{} = excluded.{}", list.empty() ? "" : ", ", name, name);
    }
    return out.empty() ? key_out : out;
}

/// The statements of one request.
class InsertWriter {
public:
    InsertWriter(const Table& table, const InsertOptions& options, const AccessConditions& access,
                 std::vector<std::size_t> conflict)
        : table_(table), options_(options), access_(access), conflict_(std::move(conflict)) {}

    /// `columns` are those that the row gives a value to, in the order of `values`.
    void add(const std::vector<std::size_t>& columns, std::vector<Value> values) {
        const bool full = parameters_.count() + values.size() > parameters_per_statement_max;
        if (columns != columns_ || columns.empty() || full) finish();
        columns_ = columns;
        rows_ += rows_.empty() ? "(" : ", (";
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (i > 0) rows_ += ", ";
            rows_ += parameters_.add(std::move(values[i]));
        }
        rows_.push_back(')');
    }

    std::vector<SqlText> take() {
        finish();
        return std::move(statements_);
    }

private:
    void finish() {
        if (rows_.empty()) return;
        std::string sql = fmt::format("insert into {} as {}",
                                      quote_identifier(table_.storage_name()), table_alias);
        if (columns_.empty())
            sql += " default values";
        else
            sql +=
                fmt::format(" ({}) values {}{}", name_list(table_, columns_), rows_, on_conflict());
        sql += returning_sql(table_, access_);
        statements_.push_back({std::move(sql), parameters_.take(), returned_columns(table_)});
        parameters_ = {};
        rows_.clear();
    }

    std::string on_conflict() const {
        if (options_.resolution == Resolution::None || conflict_.empty()) return {};
        std::string out = fmt::format(" on conflict ({}) do ", name_list(table_, conflict_));
        if (options_.resolution == Resolution::IgnoreDuplicates) return out + "nothing";
        out += "update set " + merge_list(table_, columns_, conflict_);
        std::string where;
        for (const std::string& condition : {access_.target, access_.visible, merged_condition()}) {
            if (!condition.empty())
                where += fmt::format("{}({})", where.empty() ? " where " : " and ", condition);
        }
        return out + where;
    }

    /// WITH CHECK of UPDATE over the row as it will be. RETURNING cannot ask it: there, merged and
    /// inserted rows look alike.
    std::string merged_condition() const {
        if (access_.merged.empty()) return {};
        std::string row;
        for (std::size_t i = 0; i < table_.columns.size(); ++i) {
            const bool given = std::find(columns_.begin(), columns_.end(), i) != columns_.end();
            const std::string name = quote_identifier(table_.columns[i].name);
            row += fmt::format("{}{}.{} as {}", row.empty() ? "" : ", ",
                               given ? "excluded" : table_alias, name, name);
        }
        return fmt::format("(select ({}) from (select {}) as {})", access_.merged, row,
                           table_alias);
    }

    const Table& table_;
    const InsertOptions& options_;
    const AccessConditions& access_;
    std::vector<std::size_t> conflict_;
    std::vector<std::size_t> columns_;
    std::string rows_;
    Parameters parameters_;
    std::vector<SqlText> statements_;
};

/// One row of the body: the columns it gives and their values.
struct GivenRow {
    std::vector<std::size_t> columns;
    std::vector<Value> values;
};

Result<GivenRow> read_row(const Table& table, const std::vector<std::size_t>& columns,
                          const json::object& object, bool skip_missing) {
    GivenRow row;
    for (const std::size_t index : columns) {
        const json::value* given = object.if_contains(table.columns[index].name);
        if (given == nullptr && skip_missing) continue;
        auto value = insertable_value(table, table.columns[index], given);
        if (!value) return std::unexpected(value.error());
        row.columns.push_back(index);
        row.values.push_back(std::move(*value));
    }
    return row;
}

}  // namespace

Result<std::vector<SqlText>> insert_sql(const Table& table, const RestQuery& query,
                                        const json::value& rows, const InsertOptions& options,
                                        const AccessConditions& access) {
    const auto flat = refuse_relations(table, query);
    if (!flat) return std::unexpected(flat.error());
    const auto ranged = refuse_range(query, "INSERT");
    if (!ranged) return std::unexpected(ranged.error());
    const auto objects = body_objects(rows);
    if (!objects) return std::unexpected(objects.error());
    const auto columns = given_columns(table, Command::Insert, query, *objects);
    if (!columns) return std::unexpected(columns.error());
    const bool merges = options.resolution == Resolution::MergeDuplicates;
    const auto updatable = [&](std::size_t column) { return table.columns[column].updatable; };
    if (merges && !std::ranges::all_of(*columns, updatable))
        return std::unexpected(permission_denied(table));
    auto conflict = conflict_columns(table, query);
    if (!conflict) return std::unexpected(conflict.error());

    // Without `columns` every object has every key, so nothing is missing.
    InsertWriter writer(table, options, access, std::move(*conflict));
    for (const json::object* object : *objects) {
        auto row = read_row(table, *columns, *object, options.missing_default);
        if (!row) return std::unexpected(row.error());
        writer.add(row->columns, std::move(row->values));
    }
    return writer.take();
}

}  // namespace dunlin::query
