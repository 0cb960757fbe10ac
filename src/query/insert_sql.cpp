#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string_view>

#include "query/sql_builder.h"

namespace dunlin::query {

namespace {

/// How many rows a statement takes. Few lengths, so that few statements have to be compiled.
constexpr std::array<std::size_t, 3> statement_rows = {64, 8, 1};
/// Under SQLite's limit of 32,766.
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

/// `"a" = excluded."a", …`
std::string merge_list(const Table& table, const std::vector<std::size_t>& columns) {
    std::string list;
    for (const std::size_t column : columns) {
        const std::string name = quote_identifier(table.columns[column].name);
        list += fmt::format("{}{} = excluded.{}", list.empty() ? "" : ", ", name, name);
    }
    return list;
}

/// Writes the text of statements for rows that give the same columns.
class InsertText {
public:
    InsertText(const Table& table, const InsertOptions& options, const AccessConditions& access,
               const std::vector<std::size_t>& columns)
        : table_(table), options_(options), access_(access), columns_(columns) {
        head_ = fmt::format("insert into {} as {}", quote_identifier(table.storage_name()),
                            table_alias);
        if (!columns.empty()) head_ += fmt::format(" ({}) values ", name_list(table, columns));
        tail_ = columns.empty() ? " default values" : on_conflict();
        std::vector<std::string_view> conditions = {access.check, access.visible};
        if (options.resolution == Resolution::MergeDuplicates) conditions.push_back(access.merged);
        tail_ += returning_verdicts(table, conditions);
    }

    /// For `count` rows; without columns only one fits.
    const std::string& of(std::size_t count) {
        std::string& text = texts_[count];
        if (text.empty()) text = head_ + tuples(count) + tail_;
        return text;
    }

private:
    std::string tuples(std::size_t count) const {
        std::string out;
        for (std::size_t i = 0; i < count * columns_.size(); ++i) {
            const bool first = i % columns_.size() == 0;
            out += first ? (i == 0 ? "(?" : "), (?") : ", ?";
            out += std::to_string(i + 1);
        }
        return columns_.empty() ? out : out + ")";
    }

    std::string on_conflict() const {
        if (options_.resolution == Resolution::None || options_.conflict.empty()) return {};
        std::string out =
            fmt::format(" on conflict ({}) do ", name_list(table_, options_.conflict));
        if (options_.resolution == Resolution::IgnoreDuplicates) return out + ignored();
        out += "update set " + merge_list(table_, options_.merged);
        const std::string where = all_of({access_.target, access_.visible, proposed_conditions()});
        return where.empty() ? out : out + " where " + where;
    }

    /// A duplicate that may be ignored changes nothing. One that the rules refuse is touched, so
    /// that it can be refused.
    std::string ignored() const {
        const std::string allowed = proposed_conditions();
        if (allowed.empty()) return "nothing";
        const std::string key = quote_identifier(table_.columns[options_.conflict.front()].name);
        return fmt::format("update set {} = {}.{} where coalesce({}, 0) = 0", key, table_alias, key,
                           allowed);
    }

    /// The rules of INSERT over the row as proposed, which PostgreSQL asks before it looks for a
    /// conflict.
    std::string proposed_conditions() const {
        const auto proposed = [&](const std::string& condition) {
            if (condition.empty()) return std::string();
            return condition_over_row(table_, condition, [&](std::size_t i) {
                return "excluded." + quote_identifier(table_.columns[i].name);
            });
        };
        return all_of({proposed(access_.check), proposed(access_.visible)});
    }

    static std::string all_of(std::initializer_list<std::string> conditions) {
        std::string out;
        for (const std::string& condition : conditions) {
            if (condition.empty()) continue;
            out += fmt::format("{}({})", out.empty() ? "" : " and ", condition);
        }
        return out;
    }

    const Table& table_;
    const InsertOptions& options_;
    const AccessConditions& access_;
    const std::vector<std::size_t>& columns_;
    std::string head_;
    std::string tail_;
    std::map<std::size_t, std::string> texts_;
};

std::size_t rows_that_fit(std::size_t rows, std::size_t columns) {
    for (const std::size_t count : statement_rows) {
        if (count <= rows && count * columns <= parameters_per_statement_max) return count;
    }
    return 1;
}

/// The rows give the same columns.
void add_statements(InsertText& text, std::span<RowValues> rows, std::vector<SqlText>& statements) {
    while (!rows.empty()) {
        const std::size_t columns = rows.front().columns.size();
        const std::size_t count = columns == 0 ? 1 : rows_that_fit(rows.size(), columns);
        SqlText& statement = statements.emplace_back(text.of(count));
        statement.parameters.reserve(count * columns);
        for (RowValues& row : rows.first(count)) {
            std::ranges::move(row.values, std::back_inserter(statement.parameters));
        }
        rows = rows.subspan(count);
    }
}

}  // namespace

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

std::vector<std::size_t> merged_columns(const std::vector<std::size_t>& columns,
                                        const std::vector<std::size_t>& key) {
    if (key.empty()) return {};
    std::vector<std::size_t> merged;
    for (const std::size_t column : columns) {
        if (std::ranges::find(key, column) == key.end()) merged.push_back(column);
    }
    return merged.empty() ? key : merged;
}

std::vector<SqlText> insert_sql(const Table& table, std::vector<RowValues> rows,
                                const InsertOptions& options, const AccessConditions& access) {
    std::vector<SqlText> statements;
    for (std::size_t from = 0; from < rows.size();) {
        std::size_t to = from + 1;
        while (to < rows.size() && rows[to].columns == rows[from].columns) ++to;
        InsertText text(table, options, access, rows[from].columns);
        add_statements(text, std::span(rows).subspan(from, to - from), statements);
        from = to;
    }
    return statements;
}

}  // namespace dunlin::query
