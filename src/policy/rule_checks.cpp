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

}  // namespace

/// PostgreSQL's test: while the policies of a table are expanded, a policy with a subquery of the
/// same table must not be needed again.
Result<void> AccessRules::Rules::enter(const Table& relation, Role role, Path& path) const {
    if (relation.kind == RelationKind::View) return enter_view(relation, role, path);
    const auto inner = rule(relation, Command::Select, role, Side::Using);
    if (relations_of(inner).empty()) return {};
    if (std::ranges::find(path, &relation) != path.end()) return recursion(relation);
    path.push_back(&relation);
    auto checked = refuse_recursion(inner, role, path);
    path.pop_back();
    return checked;
}

/// The policies inside a view are the reader's only where it has the caller's rights.
Result<void> AccessRules::Rules::enter_view(const Table& view, Role role, Path& path) const {
    if (!hides_rows(view, role)) return {};
    for (const Table* inner : relations_of(views.at(&view))) {
        if (inner->kind == RelationKind::Table && !view.security_invoker) continue;
        auto checked = enter(*inner, role, path);
        if (!checked) return checked;
    }
    return {};
}

Result<void> AccessRules::Rules::refuse_recursion(const sql::Expression& rule, Role role,
                                                  Path& path) const {
    for (const Table* relation : relations_of(rule)) {
        auto checked = enter(*relation, role, path);
        if (!checked) return checked;
    }
    return {};
}

/// Whether `rule` reads `table`, itself or in the rules of what it reads.
bool AccessRules::Rules::reaches(const sql::Expression& rule, const Table& table, Role role,
                                 bool through_view) const {
    return std::ranges::any_of(relations_of(rule), [&](const Table* relation) {
        return reaches(*relation, table, role, through_view);
    });
}

bool AccessRules::Rules::reaches(const Table& relation, const Table& table, Role role,
                                 bool through_view) const {
    if (relation.kind == RelationKind::View) {
        // Inside a view no row can be left out, and no policies apply unless it has the caller's
        // rights.
        return std::ranges::any_of(relations_of(views.at(&relation)), [&](const Table* inner) {
            const bool looked_into = inner->kind == RelationKind::View || relation.security_invoker;
            return inner == &table || (looked_into && (reaches(*inner, table, role, false) ||
                                                       reaches(*inner, table, role, true)));
        });
    }
    if (&relation == &table) return !through_view;
    return reaches(rule(relation, Command::Select, role, Side::Using), table, role, through_view);
}

/// SQLite evaluates WITH CHECK after the write, PostgreSQL over the table as it was before.
Result<void> AccessRules::Rules::verify_check(const Table& table, Command command,
                                              Role role) const {
    const auto check = rule(table, command, role, Side::Check);
    if (command == Command::Insert) {
        const bool keyless =
            table.primary_key.columns.empty() && reaches(check, table, role, false);
        if (!keyless && !reaches(check, table, role, true)) return {};
        return reads_itself(table, "a WITH CHECK for INSERT",
                            "Give the table a primary key and read it without a view.");
    }
    if (command != Command::Update ||
        !(reaches(check, table, role, false) || reaches(check, table, role, true)))
        return {};
    return reads_itself(table, "a check for UPDATE",
                        "Give the policy a WITH CHECK over the row and other tables; its USING may "
                        "read the table.");
}

Result<void> AccessRules::Rules::verify(const Table& table, Role role) const {
    if (!table.row_security || table.kind == RelationKind::View) return {};
    for (const Command command :
         {Command::Select, Command::Insert, Command::Update, Command::Delete}) {
        for (const Side side : {Side::Using, Side::Check}) {
            Path path{&table};
            auto checked = refuse_recursion(rule(table, command, role, side), role, path);
            if (!checked) return checked;
        }
        auto checked = verify_check(table, command, role);
        if (!checked) return checked;
    }
    return {};
}

Result<void> AccessRules::Rules::tables_behind(const Table& table, Role role,
                                               std::set<std::string>& names) const {
    const auto timeless = [&](bool is_changing) -> Result<void> {
        if (!is_changing) return {};
        return std::unexpected(
            Error{ErrorCode::NotSupported,
                  fmt::format("a subquery over {}, whose rows change with time alone, cannot be "
                              "evaluated on live changes",
                              table.name),
                  "0A000"});
    };
    std::vector<const Table*> inner;
    if (table.kind == RelationKind::View) {
        const sql::Query& query = views.at(&table);
        if (auto checked = timeless(is_volatile(query)); !checked) return checked;
        inner = relations_of(query);
    } else {
        const auto found = rule(table, Command::Select, role, Side::Using);
        if (auto checked = timeless(is_volatile(found)); !checked) return checked;
        names.insert(table.storage_name());
        inner = relations_of(found);
    }
    // The tables of a view are read without policies; asking for them all the same names too many
    // at most.
    for (const Table* next : inner) {
        if (names.contains(next->storage_name())) continue;
        auto collected = tables_behind(*next, role, names);
        if (!collected) return collected;
    }
    return {};
}

}  // namespace dunlin::policy
