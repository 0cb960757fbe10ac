#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "policy/access_rules.h"
#include "policy/expression_walk.h"
#include "policy/predicate.h"
#include "sql/expression.h"
#include "sql/sqlite_text.h"

namespace dunlin::policy {

/// A policy with its expressions analysed.
struct AnalysedPolicy {
    const Policy* policy = nullptr;
    std::optional<sql::Expression> visible;  // USING
    std::optional<sql::Expression> check;    // WITH CHECK
};

/// What query/ calls the table that a statement is about.
constexpr std::string_view usual_alias = "t";

constexpr Role every_role[] = {Role::Anon, Role::Authenticated, Role::ServiceRole};

/// "" when a policy counts for a command and a role, otherwise why not.
std::string why_skipped(const Policy& policy, Command command, Role role);
/// The part that counts for a side: WITH CHECK is USING where only that was written.
const std::optional<sql::Expression>& part_of(const AnalysedPolicy& policy, Side side);
std::string_view command_name(Command command);

/// What stands behind AccessRules. Internal to the module.
struct AccessRules::Rules {
    /// The row that a statement has just inserted: an INSERT's WITH CHECK does not see it in
    /// subqueries, because PostgreSQL gives them the table as it was before the statement.
    struct Inserted {
        const Table* table = nullptr;
        std::string alias{};
    };
    /// A text over a table named `usual_alias`; the last says whether over the inserted row.
    using TextKey = std::tuple<const Table*, Command, Role, Side, bool>;

    std::shared_ptr<const Schema> schema;  // shared with the engine and the data API
    const Clock* clock = nullptr;          // borrowed
    std::map<std::string, std::vector<AnalysedPolicy>> policies;  // by storage name
    std::map<const Table*, sql::Query> views;
    Shared shared;
    using RowRules = std::map<std::pair<std::string, Role>, Result<std::unique_ptr<const RowRule>>>;
    RowRules select_rules;
    RowRules insert_rules;  // of realtime.messages only: each costs every reader its sets
    std::set<std::pair<std::string, Role>> self_checks;  // see asks_itself()
    std::set<std::pair<std::string, Role>> self_shown;   // see shows_by_itself()
    std::map<Role, Schema> role_schemas;  // of the roles that were not granted everything
    std::map<std::tuple<std::string, Command, Role>, Error> denials;
    std::map<TextKey, std::string> texts;  // see write_texts()

    /// The table of `schema` of which `table` may be a role's view.
    const Table& own(const Table& table) const;

    Result<void> analyse(const Table& table);
    /// Fails with 42P17 when reading a table would need its own rule, and with 0A000 for what this
    /// engine would answer differently from PostgreSQL.
    Result<void> verify(const Table& table, Role role);

    /// The rule of a command: one permissive policy must hold, and every restrictive one.
    ExplainedRule explain(const Table& table, Command command, Side side, Role role,
                          std::string_view alias) const;
    sql::Expression rule(const Table& table, Command command, Role role, Side side) const;
    std::string text(const Table& table, Command command, Role role, std::string_view alias,
                     Side side, const Inserted& inserted) const;
    sql::RelationFilter filter(Role role, Inserted inserted) const;
    /// What stands in FROM for a view whose tables hide rows from `role`; "" for another relation.
    std::string source(const Table& relation, Role role) const;
    bool hides_rows(const Table& relation, Role role) const;

    /// Whether the check of an UPDATE reads the table that is updated.
    bool asks_itself(const Table& table, Role role) const {
        return self_checks.contains({table.storage_name(), role});
    }
    /// Whether the SELECT rule reads its own table, through a SECURITY DEFINER function.
    bool shows_by_itself(const Table& table, Role role) const {
        return self_shown.contains({table.storage_name(), role});
    }
    /// The new values of generated columns are not known before.
    static bool can_ask_before(const Table& table);

    /// Fills role_schemas and denials.
    void apply_grants();
    /// Makes the texts that most statements ask for, so that a request only copies them.
    void write_texts();

    /// Storage names of the tables that a reading of `table` by `role` looks at, itself included.
    /// Fails with NotSupported when the answer changes with time alone.
    Result<void> tables_behind(const ReadRelation& relation, Role role,
                               std::set<std::string>& names) const;
    Result<std::unique_ptr<const RowRule>> compile_rule(const Table& table, Command command,
                                                        Role role);

private:
    using Path = std::vector<const Table*>;

    std::string write_text(const Table& table, Command command, Role role, std::string_view alias,
                           Side side, const Inserted& inserted) const;
    Result<void> refuse_recursion(const sql::Expression& rule, Role role, Path& path) const;
    Result<void> enter(const Table& relation, Role role, Path& path) const;
    Result<void> enter_view(const Table& view, Role role, Path& path) const;
    /// Why `role` is refused a command whatever the rows are, see AccessRules::require.
    std::optional<Error> denial(const Table& table, Command command, Role role) const;
    std::optional<Error> denied_inside(const sql::Expression& rule, Role role) const;
    std::optional<Error> denied_reading(const ReadRelation& read, Role role) const;
    std::optional<Error> denied_behind(const Table& view, Role role) const;
    Result<void> verify_check(const Table& table, Command command, Role role);
    /// Whether something reads a table, itself or in the rules of what it reads.
    struct Reach {
        bool directly = false;
        bool through_view = false;
        bool anyhow() const { return directly || through_view; }
    };
    Reach reach(const sql::Expression& rule, const Table& table, Role role) const;
    Reach reach(const ReadRelation& relation, const Table& table, Role role) const;
    static bool asks_caller(const Table& view, const ReadRelation& inner);
};

}  // namespace dunlin::policy
