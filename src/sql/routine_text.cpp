// SQLite text of the statements of a routine.
#include <fmt/format.h>

#include "sql/routine.h"
#include "sql/sqlite_writer.h"

namespace dunlin::sql {

namespace {

std::string both(const std::string& left, const std::string& right) {
    if (left.empty() || right.empty()) return left + right;
    return fmt::format("({}) and ({})", left, right);
}

/// One statement that writes `table` as relation 0.
class WriteText {
public:
    WriteText(const RoutineStatement& statement, const RoutineAccess& access,
              const RelationFilter& filter)
        : statement_(statement), access_(access), writer_("", filter) {}

    std::string insert();
    std::string update();
    std::string remove();

private:
    std::string set_list(const std::vector<std::pair<std::size_t, Expression>>& set);
    std::string over_row(const std::string& value) const;
    std::string returning();
    std::string where();
    std::string conflict();
    std::string values();
    std::string named_table() const {
        return fmt::format("{} as {}", quote_identifier(statement_.table->storage_name()),
                           written_alias);
    }

    const RoutineStatement& statement_;
    const RoutineAccess& access_;
    Writer writer_;
};

std::string WriteText::set_list(const std::vector<std::pair<std::size_t, Expression>>& set) {
    std::string out;
    for (const auto& [column, value] : set) {
        out += fmt::format("{}{} = {}", out.empty() ? "" : ", ",
                           quote_identifier(statement_.table->columns[column].name),
                           writer_.expression(value));
    }
    return out;
}

/// RETURNING does not know the alias of the table, but everything else is written with it.
std::string WriteText::over_row(const std::string& value) const {
    std::string row;
    for (const Column& column : statement_.table->columns) {
        const std::string name = quote_identifier(column.name);
        row += fmt::format("{}{} as {}", row.empty() ? "" : ", ", name, name);
    }
    return fmt::format("(select ({}) from (select {}) as {})", value, row, written_alias);
}

std::string WriteText::returning() {
    std::string out = " returning ";
    for (const Target& target : statement_.returning) {
        const Expression& e = target.expression;
        const bool column = e.kind == Expression::Kind::Column && e.depth == 0;
        out += fmt::format("{} as {}, ",
                           column ? quote_identifier(statement_.table->columns[e.column].name)
                                  : over_row(writer_.expression(e)),
                           quote_identifier(target.name));
    }
    const auto condition = [&](const std::string& text) {
        return text.empty() ? "1" : over_row(text);
    };
    return fmt::format("{}{} as _allowed, {} as _visible", out, condition(access_.check),
                       condition(access_.visible));
}

/// Rows that the caller may not see or touch are not there for him.
std::string WriteText::where() {
    const std::string own = statement_.where ? writer_.expression(*statement_.where) : "";
    const std::string all = both(own, both(access_.visible, access_.target));
    return all.empty() ? "" : " where " + all;
}

std::string WriteText::values() {
    if (statement_.rows_from_query)  // SQLite takes ON of ON CONFLICT for a join without WHERE
        return fmt::format("select * from ({}) where true", writer_.query(statement_.query));
    if (statement_.columns.empty()) return "default values";
    std::string out = "values ";
    for (std::size_t r = 0; r < statement_.rows.size(); ++r) {
        out += r == 0 ? "(" : ", (";
        for (std::size_t c = 0; c < statement_.rows[r].size(); ++c)
            out += (c == 0 ? "" : ", ") + writer_.expression(statement_.rows[r][c]);
        out += ")";
    }
    return out;
}

std::string WriteText::conflict() {
    if (!statement_.conflict) return "";
    const ConflictClause& clause = *statement_.conflict;
    std::string key;
    for (const std::size_t column : clause.key) {
        key += (key.empty() ? "" : ", ") + quote_identifier(statement_.table->columns[column].name);
    }
    if (!key.empty()) key = " (" + key + ")";
    if (!clause.update) return " on conflict" + key + " do nothing";
    writer_.set_excluded(true);
    const std::string where = both(clause.where ? writer_.expression(*clause.where) : "",
                                   both(access_.visible, access_.target));
    std::string out = fmt::format(" on conflict{} do update set {}{}", key, set_list(clause.set),
                                  where.empty() ? "" : " where " + where);
    writer_.set_excluded(false);
    return out;
}

std::string WriteText::insert() {
    std::string columns;
    for (const std::size_t column : statement_.columns) {
        columns += (columns.empty() ? "" : ", ") +
                   quote_identifier(statement_.table->columns[column].name);
    }
    if (!columns.empty()) columns = " (" + columns + ")";
    const std::string source = values();
    Query around;  // for ON CONFLICT and RETURNING
    around.relations = {{.table = statement_.table, .alias = {}},
                        {.table = statement_.table, .alias = {}}};
    writer_.enter(around);
    std::string out = fmt::format("insert into {}{} {}{}{}", named_table(), columns, source,
                                  conflict(), returning());
    writer_.leave();
    return out;
}

std::string WriteText::update() {
    writer_.enter(statement_.query);
    const std::string from =
        statement_.from ? " from " + writer_.from_clause(statement_.query, 1) : "";
    std::string out = fmt::format("update {} set {}{}{}{}", named_table(), set_list(statement_.set),
                                  from, where(), returning());
    writer_.leave();
    return out;
}

/// SQLite's DELETE has no USING: the rows are found by a subquery of their row numbers.
std::string WriteText::remove() {
    writer_.enter(statement_.query);
    std::string condition = where();
    if (statement_.from) {
        condition = fmt::format(" where {}.rowid in (select {}.rowid from {}{})", written_alias,
                                written_alias, writer_.from_clause(statement_.query, 0), condition);
    }
    std::string out = fmt::format("delete from {}{}{}", named_table(), condition, returning());
    writer_.leave();
    return out;
}

}  // namespace

std::string sqlite_text(const RoutineStatement& statement, const RoutineAccess& access,
                        const RelationFilter& filter) {
    WriteText text(statement, access, filter);
    switch (statement.kind) {
        case RoutineStatement::Kind::Select:
            return sqlite_text(statement.query, filter);
        case RoutineStatement::Kind::Insert:
            return text.insert();
        case RoutineStatement::Kind::Update:
            return text.update();
        case RoutineStatement::Kind::Delete:
            return text.remove();
    }
    return "";
}

}  // namespace dunlin::sql
