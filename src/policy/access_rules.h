#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/change.h"
#include "core/clock.h"
#include "core/functions.h"
#include "core/identity.h"
#include "core/schema.h"
#include "core/value.h"
#include "sql/sqlite_text.h"

/// The one engine of access: who may see and change which rows, as SQL and as a predicate over a
/// row.
namespace dunlin::policy {

class Predicate;

/// The keys that a membership subquery yields for one reader, e.g. the projects of a user.
using ValueSet = std::unordered_set<Value, ValueHash>;

/// A subquery of a policy that depends on the reader but not on the row: loaded once per reader.
struct SetQuery {
    Role role = Role::Anon;           // only readers of this role need it
    std::string sql;                  // SQLite text, one column, no parameters
    std::vector<std::string> tables;  // storage names; a change in one makes the set stale
    /// Of the only table, where that is known: rows for which this is not true do not matter to the
    /// reader. Null when any row may matter. Shared by copies.
    std::shared_ptr<const Predicate> row_condition{};
};

/// A reader as the row rules see it: the identity and the sets of AccessRules::set_queries(), by
/// index. Immutable.
struct Reader {
    Identity identity;
    std::vector<std::shared_ptr<const ValueSet>> sets;
    const Clock* clock = nullptr;  // borrowed; null in one whose rules call no function
    /// Values of expressions of claims only, computed once (make_reader); none when computing it
    /// failed.
    std::vector<std::optional<Value>> slots;
};

/// A reason to admit a row: its value in `column` is that of a slot of the reader, or in a set.
struct Grant {
    std::size_t column = 0;
    std::optional<std::size_t> slot{};  // else `set`
    std::size_t set = 0;
};

/// Calls `take` with each value that the grant admits for the reader; none when it is not known.
template <typename Take>
void for_each_value(const Grant& grant, const Reader& reader, const Take& take) {
    if (grant.slot) {
        const bool known = *grant.slot < reader.slots.size() && reader.slots[*grant.slot];
        if (known) take(*reader.slots[*grant.slot]);
    } else if (grant.set < reader.sets.size() && reader.sets[grant.set]) {
        for (const Value& value : *reader.sets[grant.set]) take(value);
    }
}

/// Decides over one row in memory, with the result the SQL form would give.
class RowRule {
public:
    virtual ~RowRule() = default;

    virtual bool allows(const Row& row, const Reader& reader) const = 0;

    /// Everyone: true for all rows and readers. Nobody: false for all. Owner: true exactly when
    /// row[owner_column()] equals owner_key(reader). General: ask allows().
    enum class Shape : std::uint8_t { Everyone, Nobody, Owner, General };
    virtual Shape shape() const = 0;
    virtual std::size_t owner_column() const { return 0; }
    /// NULL when this reader owns nothing.
    virtual Value owner_key(const Reader&) const { return {}; }
    /// True when two readers of the same role always get the same answer.
    virtual bool same_for_all_readers() const = 0;
    /// Storage names of the tables whose changes make this rule's sets stale.
    virtual const std::vector<std::string>& depends_on() const = 0;
    /// Indexes into AccessRules::set_queries() that allows() looks at.
    virtual const std::vector<std::size_t>& sets_used() const = 0;
    /// The columns whose values the rule looks for in that set: a value that enters or leaves the
    /// set concerns only the rows that have it there. None when the set may matter to other rows.
    virtual std::vector<std::size_t> columns_in_set(std::size_t) const { return {}; }
    /// A row that the rule admits is admitted by one of these too, so that it need be asked for
    /// nobody else. None when the rule has other reasons.
    virtual const std::vector<Grant>& grants() const {
        static const std::vector<Grant> none;
        return none;
    }
};

/// Whether every rule says the same for both, though they were loaded at different times.
bool have_same_rights(const Reader& left, const Reader& right);

/// A relation as a role reads it: `FROM {relation} as {alias} WHERE {condition}`.
struct ReadAccess {
    /// Its quoted name, or a query in parentheses: a view whose tables are read with the caller's
    /// rights has their policies inside.
    std::string relation;
    std::string condition;  // "" for every row, "0" for none
};

/// USING or WITH CHECK.
enum class Side : std::uint8_t { Using, Check };

/// One policy of a table in a rule, for who asks why.
struct ExplainedPolicy {
    const Policy* policy = nullptr;
    std::string skipped{};  // why it does not count; "" when it does
    std::string text{};     // the condition as written
    std::string sql{};      // the same for SQLite
};

/// What decides over the rows of a table for one command and role.
struct ExplainedRule {
    /// "" when policies decide; otherwise why all rows are admitted.
    std::string admits_all{};
    std::vector<ExplainedPolicy> policies{};
    std::string sql{};  // the whole condition as using_sql() or check_sql() gives it
};

/// Whether `role` was granted `right` on the table or on a column of it.
bool holds_any(const Table& table, RightSet right, Role role);

/// Every policy of a schema, compiled. Immutable, shared between threads.
class AccessRules {
public:
    /// Fails when a policy names something unknown or cannot be carried. `clock` is borrowed: it
    /// says what now() is in the rules evaluated in memory.
    static Result<std::shared_ptr<const AccessRules>> compile(std::shared_ptr<const Schema> schema,
                                                              const Clock& clock);
    ~AccessRules();

    const Schema& schema() const;

    /// The schema as `role` sees it: columns that it may not read are hidden, and those that it may
    /// not write are marked. Its tables can be handed to every method here.
    const Schema& schema_for(Role role) const;

    /// Fails with 42501 `permission denied for table t` when `role` was not granted `command` on
    /// the table or on any column of it, or its policies and views read what the role may not read.
    Result<void> require(const Table& table, Command command, Role role) const;

    /// How `role` reads a table or view that is named `alias` in the statement.
    ReadAccess read_access(const Table& table, Role role, std::string_view alias) const;

    /// The same for every relation of a query: see sql::sqlite_text.
    sql::RelationFilter relation_filter(Role role) const;

    /// SQLite condition over the rows of `table`, named `alias` in the statement, that `role` may
    /// touch by `command` (the USING side); "" when there is no restriction, "0" when nothing is
    /// allowed. Claims are read through auth_uid() and its kin, so the text is the same for every
    /// user. Of a view with the caller's rights, "0" where policies hide rows: read_access() tells
    /// how to read it.
    std::string using_sql(const Table& table, Command command, Role role,
                          std::string_view alias) const;

    /// The condition that a new row must meet (WITH CHECK; for ALL and UPDATE policies without one,
    /// USING). A check for UPDATE that reads its own table means the table as it was, which is gone
    /// once the row is written: then the text fails with 0A000, and before_check_sql() has the
    /// check.
    std::string check_sql(const Table& table, Command command, Role role,
                          std::string_view alias) const;

    /// The check of an UPDATE whose new rows have to be judged before the statement changes one,
    /// because it or the SELECT rule reads the table ("1" where only that rule does); "" for none.
    std::string before_check_sql(const Table& table, Role role, std::string_view alias) const;

    /// The SELECT rule for rows that an INSERT has just written: it does not find them by itself.
    std::string inserted_sql(const Table& table, Role role, std::string_view alias) const;

    /// Why using_sql() or check_sql() is what it is.
    ExplainedRule explain(const Table& table, Command command, Side side, Role role,
                          std::string_view alias) const;

    /// The SELECT rule of `table` for `role`. Fails with NotSupported and the reason when a policy
    /// cannot be evaluated in memory; such a table can be read but not followed live.
    Result<const RowRule*> select_rule(const Table& table, Role role) const;

    /// The check of an INSERT into realtime.messages, which says who may write to a private
    /// channel; of no other table. Fails as select_rule().
    Result<const RowRule*> insert_rule(const Table& table, Role role) const;

    /// Every membership subquery of every SELECT rule and of insert_rule().
    const std::vector<SetQuery>& set_queries() const;

    /// False when a change cannot make a difference to set number `set` of `reader`: it is of
    /// another table, or of rows that say nothing of this reader, such as the membership of
    /// somebody else.
    bool may_change_set(std::size_t set, const Change& change, const Reader& reader) const;

    /// Prepares a reader whose sets are given in the order of set_queries() (null: not needed).
    std::shared_ptr<const Reader> make_reader(
        Identity identity, std::vector<std::shared_ptr<const ValueSet>> sets) const;

private:
    AccessRules();
    struct Rules;
    std::unique_ptr<Rules> rules_;  // see rules.h
};

}  // namespace dunlin::policy
