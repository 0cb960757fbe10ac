// What a schema's policies lead to: recursion, tables behind a rule, rules that read what is being
// written.
#include <fmt/format.h>

#include <algorithm>

#include "policy/expression_walk.h"
#include "policy/rules.h"

namespace dunlin::policy {

namespace {

std::unexpected<Error> recursion(const Table& table) {
    return std::unexpected(sql_error(
        "42P17",
        fmt::format("infinite recursion detected in policy for relation \"{}\"", table.name), "",
        "Let the inner table be readable without asking this one, or read it through a view."));
}

std::unexpected<Error> reads_itself(const Table& table, std::string what, std::string remedy) {
    return std::unexpected(
        sql_error("0A000",
                  fmt::format("{} of \"{}\" that reads \"{}\" again is not supported on SQLite",
                              what, table.name, table.name),
                  "", std::move(remedy)));
}

bool is_as_caller(const ReadRelation& relation) {
    return relation.reads == Reads::AsCaller;
}

}  // namespace

/// PostgreSQL's test: while the policies of a table are expanded, a policy with a subquery of the
/// same table must not be needed again. A SECURITY DEFINER function needs none.
Result<void> AccessRules::Rules::enter(const Table& relation, Role role, Path& path) const {
    if (relation.kind == RelationKind::View) return enter_view(relation, role, path);
    const auto inner = rule(relation, Command::Select, role, Side::Using);
    if (std::ranges::none_of(relations_of(inner), is_as_caller)) return {};
    if (std::ranges::find(path, &relation) != path.end()) return recursion(relation);
    path.push_back(&relation);
    auto checked = refuse_recursion(inner, role, path);
    path.pop_back();
    return checked;
}

/// The policies inside a view are the reader's only where it has the caller's rights.
Result<void> AccessRules::Rules::enter_view(const Table& view, Role role, Path& path) const {
    if (!hides_rows(view, role)) return {};
    for (const ReadRelation& inner : relations_of(views.at(&view))) {
        if (!asks_caller(view, inner)) continue;
        auto checked = enter(*inner.table, role, path);
        if (!checked) return checked;
    }
    return {};
}

Result<void> AccessRules::Rules::refuse_recursion(const sql::Expression& rule, Role role,
                                                  Path& path) const {
    for (const ReadRelation& relation : relations_of(rule)) {
        if (!is_as_caller(relation)) continue;
        auto checked = enter(*relation.table, role, path);
        if (!checked) return checked;
    }
    return {};
}

AccessRules::Rules::Reach AccessRules::Rules::reach(const sql::Expression& rule, const Table& table,
                                                    Role role) const {
    Reach found;
    for (const ReadRelation& relation : relations_of(rule)) {
        const Reach further = reach(relation, table, role);
        found.directly |= further.directly;
        found.through_view |= further.through_view;
    }
    return found;
}

AccessRules::Rules::Reach AccessRules::Rules::reach(const ReadRelation& relation,
                                                    const Table& table, Role role) const {
    if (relation.table->kind == RelationKind::View) {
        // Inside a view no row can be left out.
        const Table& view = *relation.table;
        return {.through_view =
                    std::ranges::any_of(relations_of(views.at(&view)), [&](const auto& inner) {
                        if (inner.table == &table) return true;
                        const bool looked_into =
                            inner.table->kind == RelationKind::View || asks_caller(view, inner);
                        return looked_into && reach(inner, table, role).anyhow();
                    })};
    }
    if (relation.table == &table) return {.directly = true};
    if (relation.reads == Reads::AsOwner) return {};
    return reach(rule(*relation.table, Command::Select, role, Side::Using), table, role);
}

bool AccessRules::Rules::can_ask_before(const Table& table) {
    return std::ranges::all_of(table.columns,
                               [](const Column& column) { return column.generated_text.empty(); });
}

/// SQLite evaluates WITH CHECK after the write, PostgreSQL over the table as it was before.
Result<void> AccessRules::Rules::verify_check(const Table& table, Command command, Role role) {
    const auto check = rule(table, command, role, Side::Check);
    if (command == Command::Insert) {
        const Reach found = reach(check, table, role);
        const bool keyless = table.primary_key.columns.empty() && found.directly;
        if (!keyless && !found.through_view) return {};
        return reads_itself(table, "a WITH CHECK for INSERT",
                            "Give the table a primary key and read it without a view.");
    }
    if (command != Command::Update || !reach(check, table, role).anyhow()) return {};
    self_checks.emplace(table.storage_name(), role);
    if (can_ask_before(table)) return {};
    return reads_itself(table, "a check for UPDATE",
                        "Give the policy a WITH CHECK over the row and other tables; its USING may "
                        "read the table.");
}

Result<void> AccessRules::Rules::verify(const Table& table, Role role) {
    if (!table.row_security || table.kind == RelationKind::View) return {};
    constexpr Command commands[] = {Command::Select, Command::Insert, Command::Update,
                                    Command::Delete};
    // First, because what follows goes wherever the rules lead.
    for (const Command command : commands) {
        for (const Side side : {Side::Using, Side::Check}) {
            Path path{&table};
            auto checked = refuse_recursion(rule(table, command, role, side), role, path);
            if (!checked) return checked;
        }
    }
    const auto shown = rule(table, Command::Select, role, Side::Using);
    if (reach(shown, table, role).anyhow()) self_shown.emplace(table.storage_name(), role);
    for (const Command command : commands) {
        auto checked = verify_check(table, command, role);
        if (!checked) return checked;
    }
    return {};
}

Result<void> AccessRules::Rules::tables_behind(const ReadRelation& relation, Role role,
                                               std::set<std::string>& names) const {
    const Table& table = *relation.table;
    const bool is_view = table.kind == RelationKind::View;
    const auto is_timeless = [&](bool is_changing) -> Result<void> {
        if (!is_changing) return {};
        return std::unexpected(
            Error{ErrorCode::NotSupported,
                  fmt::format("a subquery over {}, whose rows change with time alone, cannot be "
                              "evaluated on live changes",
                              table.name),
                  "0A000"});
    };
    if (!is_view) names.insert(table.storage_name());
    if (!is_view && relation.reads == Reads::AsOwner) return {};
    const auto rule_of_table =
        is_view ? sql::Expression{} : rule(table, Command::Select, role, Side::Using);
    const bool changes = is_view ? is_volatile(views.at(&table)) : is_volatile(rule_of_table);
    if (auto checked = is_timeless(changes); !checked) return checked;
    for (ReadRelation next :
         is_view ? relations_of(views.at(&table)) : relations_of(rule_of_table)) {
        if (is_view && !asks_caller(table, next)) next.reads = Reads::AsOwner;
        auto collected = tables_behind(next, role, names);
        if (!collected) return collected;
    }
    return {};
}

}  // namespace dunlin::policy
