#include "routines/program.h"

#include <fmt/format.h>

#include <algorithm>

#include "routines/evaluate.h"
#include "routines/row_rebinding.h"

namespace dunlin::routines {

namespace {

using Node = sql::RoutineNode;
using Statement = sql::RoutineStatement;

constexpr std::size_t values_rows_max = 100;

/// The highest N of a parameter `?N`: SQLite refuses values for more than a statement has.
std::size_t slots_in(std::string_view sql) {
    std::size_t highest = 0;
    char quote = 0;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        if (quote != 0) {
            if (sql[i] == quote) quote = 0;
            continue;
        }
        if (sql[i] == '\'' || sql[i] == '"') quote = sql[i];
        if (sql[i] != '?') continue;
        std::size_t number = 0;
        while (i + 1 < sql.size() && sql[i + 1] >= '0' && sql[i + 1] <= '9')
            number = number * 10 + static_cast<std::size_t>(sql[++i] - '0');
        highest = std::max(highest, number);
    }
    return highest;
}

Command command_of(Statement::Kind kind) {
    return kind == Statement::Kind::Insert   ? Command::Insert
           : kind == Statement::Kind::Update ? Command::Update
                                             : Command::Delete;
}

/// An INSERT reads rows when it gives them back, an UPDATE or DELETE also when it looks for them.
bool reads_rows(const Statement& statement) {
    if (!statement.returning.empty() || statement.from) return true;
    if (statement.kind == Statement::Kind::Insert)
        return statement.conflict && statement.conflict->update;
    return statement.where.has_value();
}

sql::Expression column_expression(const Table& table, std::size_t column) {
    return {.kind = sql::Expression::Kind::Column,
            .type = table.columns[column].type,
            .name = table.columns[column].name,
            .column = column};
}

Error permission_denied(const Table& table) {
    return sql_error("42501", fmt::format("permission denied for table {}", table.name));
}

/// `select row, new values from the table … where …`
sql::Query target_query(const Statement& statement) {
    sql::Query query = statement.query;
    query.targets.clear();
    for (std::size_t i = 0; i < statement.table->columns.size(); ++i)
        query.targets.push_back({fmt::format("c{}", i), column_expression(*statement.table, i)});
    for (const auto& [column, value] : statement.set)
        query.targets.push_back({fmt::format("s{}", column), value});
    if (statement.where) query.where = statement.where;
    return query;
}

std::string value_list(const std::vector<sql::Expression>& row, const sql::RelationFilter& filter) {
    std::string sql;
    for (const sql::Expression& value : row)
        sql += (sql.empty() ? "" : ", ") + sql::sqlite_text(value, "", filter);
    return sql.empty() ? "null" : sql;
}

Result<sql::Expression> over_slots(const sql::Expression& expression, std::size_t first,
                                   std::size_t width) {
    if (!has_subquery(expression)) return columns_as_slots(expression, first, width);
    return std::unexpected(
        sql_error("0A000",
                  "a subquery in RETURNING or DO UPDATE of a table with BEFORE triggers is not "
                  "supported",
                  "", "Select it into a variable first."));
}

}  // namespace

Rights rights_of(Role role) {
    return static_cast<Rights>(role);
}

sql::RelationFilter ProgramWriter::filter(Rights rights) const {
    if (rules_ == nullptr || rights == Rights::Owner) return {};
    return rules_->relation_filter(static_cast<Role>(rights));
}

AccessByRights ProgramWriter::access_of(const Table& table, Command command) const {
    AccessByRights access;
    if (rules_ == nullptr) return access;
    for (const Role role : {Role::Anon, Role::Authenticated, Role::ServiceRole}) {
        auto& of_role = access[static_cast<std::size_t>(role)];
        const auto alias = sql::written_alias;
        of_role.visible = rules_->using_sql(table, Command::Select, role, alias);
        if (command != Command::Insert)
            of_role.target = rules_->using_sql(table, command, role, alias);
        if (command != Command::Delete)
            of_role.check = rules_->check_sql(table, command, role, alias);
    }
    return access;
}

Text ProgramWriter::make_text(const std::function<std::string(Rights)>& write) const {
    Text text;
    for (std::size_t i = 0; i < rights_count; ++i) {
        text.sql[i] = write(static_cast<Rights>(i));
        text.slots[i] = slots_in(text.sql[i]);
    }
    return text;
}

/// What is read with the caller's rights takes his right to read it.
void ProgramWriter::deny(const std::vector<policy::ReadRelation>& read, Text& text) const {
    if (rules_ == nullptr) return;
    for (const Role role : {Role::Anon, Role::Authenticated, Role::ServiceRole}) {
        auto& denied = text.denied[static_cast<std::size_t>(role)];
        for (const policy::ReadRelation& relation : read) {
            if (relation.reads == policy::Reads::AsOwner || denied) continue;
            auto granted = rules_->require(*relation.table, Command::Select, role);
            if (!granted) denied = granted.error();
            const Table* seen =
                rules_->schema_for(role).find_storage(relation.table->storage_name());
            const bool hidden =
                seen != nullptr && std::ranges::any_of(relation.columns, [&](std::size_t column) {
                    return seen->columns.at(column).hidden;
                });
            if (hidden && !denied) denied = permission_denied(*relation.table);
        }
    }
}

void ProgramWriter::deny_write(const Statement& statement, bool reads, Text& text) const {
    if (rules_ == nullptr) return;
    const Table& table = *statement.table;
    for (const Role role : {Role::Anon, Role::Authenticated, Role::ServiceRole}) {
        auto& denied = text.denied[static_cast<std::size_t>(role)];
        auto granted = rules_->require(table, command_of(statement.kind), role);
        if (granted && reads) granted = rules_->require(table, Command::Select, role);
        if (!granted) denied = granted.error();
        const Table* seen = rules_->schema_for(role).find_storage(table.storage_name());
        const bool fixed = seen != nullptr && std::ranges::any_of(statement.set, [&](auto& set) {
                               return !seen->columns.at(set.first).updatable;
                           });
        if (fixed && !denied) denied = permission_denied(table);
    }
}

Text ProgramWriter::expression_text(const sql::Expression& expression) const {
    Text text = make_text([&](Rights rights) {
        return "select " + sql::sqlite_text(expression, "", filter(rights));
    });
    deny(policy::relations_of(expression), text);
    return text;
}

/// With `access`, the rows of the written table are also those that the writer may change.
Text ProgramWriter::query_text(const sql::Query& query, const AccessByRights* access) const {
    return make_text([&](Rights rights) {
        const sql::RelationFilter visible = filter(rights);
        const std::string target =
            access == nullptr ? "" : (*access)[static_cast<std::size_t>(rights)].target;
        if (target.empty()) return sql::sqlite_text(query, visible);
        sql::RelationFilter writable = visible;
        writable.condition = [&](const Table& table, std::string_view alias) {
            std::string condition = visible.condition ? visible.condition(table, alias) : "";
            if (alias != sql::written_alias) return condition;
            return condition.empty() ? target : fmt::format("({}) and ({})", condition, target);
        };
        return sql::sqlite_text(query, writable);
    });
}

void ProgramWriter::add_expression(const sql::Expression& expression, Program& program) const {
    if (can_evaluate(expression)) return;
    program.expressions.emplace(&expression, expression_text(expression));
}

/// VALUES as queries, because SQLite bounds how many rows one may join.
std::vector<Text> ProgramWriter::values_texts(const Statement& statement) const {
    std::vector<Text> texts;
    for (std::size_t first = 0; first < statement.rows.size(); first += values_rows_max) {
        const std::size_t end = std::min(first + values_rows_max, statement.rows.size());
        texts.push_back(make_text([&](Rights rights) {
            std::string sql;
            for (std::size_t row = first; row < end; ++row) {
                sql += sql.empty() ? "select " : " union all select ";
                sql += value_list(statement.rows[row], filter(rights));
            }
            return sql;
        }));
    }
    return texts;
}

Result<std::unique_ptr<RowPlan>> ProgramWriter::row_plan(const Statement& statement,
                                                         const AccessByRights& access,
                                                         Program& program) const {
    auto plan = std::make_unique<RowPlan>();
    const std::size_t first = program.routine.frame.size();
    const std::size_t width = statement.table->columns.size();
    if (statement.kind != Statement::Kind::Insert) {
        if (statement.from && !statement.returning.empty()) {
            return std::unexpected(
                sql_error("0A000", "RETURNING with FROM or USING on a table with BEFORE triggers",
                          "", "Use a subquery instead of FROM or USING."));
        }
        plan->rows.push_back(query_text(target_query(statement), &access));
    } else if (statement.rows_from_query) {
        plan->rows.push_back(query_text(statement.query, nullptr));
    } else {
        plan->rows = values_texts(statement);
    }
    for (const sql::Target& target : statement.returning) {
        auto value = over_slots(target.expression, first, width);
        if (!value) return std::unexpected(value.error());
        plan->returning.push_back(std::move(*value));
    }
    if (statement.conflict && statement.conflict->update) {
        for (const auto& [column, expression] : statement.conflict->set) {
            auto value = over_slots(expression, first, width);
            if (!value) return std::unexpected(value.error());
            plan->merge.emplace_back(column, std::move(*value));
        }
        if (statement.conflict->where) {
            auto value = over_slots(*statement.conflict->where, first, width);
            if (!value) return std::unexpected(value.error());
            plan->merge_where = std::move(*value);
        }
    }
    for (const auto& expression : plan->returning) add_expression(expression, program);
    for (const auto& [column, expression] : plan->merge) add_expression(expression, program);
    if (plan->merge_where) add_expression(*plan->merge_where, program);
    return plan;
}

Result<void> ProgramWriter::add_statement(const Statement& statement, Program& program) const {
    StatementProgram made;
    if (statement.kind == Statement::Kind::Select) {
        made.text = query_text(statement.query, nullptr);
        deny(policy::relations_of(statement.query), made.text);
        program.statements.emplace(&statement, std::move(made));
        return {};
    }
    const Command command = command_of(statement.kind);
    const bool merges = statement.conflict && statement.conflict->update;
    made.reads_rows = reads_rows(statement);
    deny_write(statement, made.reads_rows, made.granted);
    for (const auto& [column, value] : statement.set)
        deny(policy::relations_of(value), made.granted);
    if (statement.where) deny(policy::relations_of(*statement.where), made.granted);
    if (statement.rows_from_query) deny(policy::relations_of(statement.query), made.granted);
    made.access = access_of(*statement.table, command);
    if (merges) made.merge_access = access_of(*statement.table, Command::Update);
    if (by_rows_(*statement.table, command) ||
        (merges && by_rows_(*statement.table, Command::Update))) {
        auto plan = row_plan(statement, made.access, program);
        if (!plan) return std::unexpected(plan.error());
        made.rows = std::move(*plan);
    } else {
        made.text = make_text([&](Rights rights) {
            return sql::sqlite_text(statement, made.access[static_cast<std::size_t>(rights)],
                                    filter(rights));
        });
    }
    program.statements.emplace(&statement, std::move(made));
    return {};
}

Result<void> ProgramWriter::add_node(const Node& node, Program& program) const {
    for (const auto* expression : {&node.expression, &node.detail, &node.hint}) {
        if (*expression) add_expression(**expression, program);
    }
    for (const sql::Expression& argument : node.arguments) add_expression(argument, program);
    if (node.statement) {
        auto added = add_statement(*node.statement, program);
        if (!added) return added;
    }
    for (const Node::Branch& branch : node.branches) {
        if (branch.condition) add_expression(*branch.condition, program);
        auto added = add_block(branch.body, program);
        if (!added) return added;
    }
    return add_block(node.body, program);
}

Result<void> ProgramWriter::add_block(const sql::RoutineBlock& block, Program& program) const {
    for (const Node& node : block) {
        auto added = add_node(node, program);
        if (!added) return added;
    }
    return {};
}

Result<std::unique_ptr<Program>> ProgramWriter::write(sql::Routine routine) const {
    auto program = std::make_unique<Program>();
    program->routine = std::move(routine);
    if (program->routine.trigger_when) add_expression(*program->routine.trigger_when, *program);
    auto added = add_block(program->routine.body, *program);
    if (!added) return std::unexpected(added.error());
    return program;
}

}  // namespace dunlin::routines
