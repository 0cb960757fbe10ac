#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/change.h"
#include "routines/program.h"

namespace dunlin::routines {

/// A trigger, compiled for its table.
struct TriggerProgram {
    const Trigger* trigger = nullptr;  // borrowed from the Schema
    std::unique_ptr<Program> program{};
    /// Instead: in the middle of a migration a body may name what comes later.
    std::optional<Error> broken{};
};

/// A function, compiled for calls.
struct FunctionProgram {
    const Function* function = nullptr;  // borrowed from the Schema
    std::unique_ptr<Program> program{};
    /// Of each parameter: `select DEFAULT`, "" when it has none.
    std::vector<std::string> defaults{};
    /// Instead: in the middle of a migration a body may name what comes later.
    std::optional<Error> broken{};
};

/// What happens to the rows of a table besides what a statement says.
struct TableTriggers {
    const Table* table = nullptr;            // borrowed from the Schema
    std::vector<TriggerProgram> triggers{};  // enabled ones, in the order of their names
    /// Of each column, for rows that are inserted one by one: `select DEFAULT`, "" for NULL.
    std::vector<std::string> defaults{};

    bool has(TriggerTiming timing, ChangeKind kind) const;
};

/// Whether a trigger fires on changes of this kind.
bool fires_on(const Trigger& trigger, TriggerTiming timing, ChangeKind kind);

/// Fails with 42501 when the role was not granted to call the function.
Result<void> require_executor(const Function& function, Role role);

/// Every function and trigger of a schema, compiled. Immutable, shared between threads.
class Library {
public:
    /// Fails with what is wrong in a body.
    static Result<std::shared_ptr<const Library>> compile(
        std::shared_ptr<const policy::AccessRules> rules);
    /// Without rules: whoever uses it is the owner, as in a migration. Functions only when there
    /// are triggers, which may call them; a body that does not compile fails when it runs.
    static Result<std::shared_ptr<const Library>> compile(std::shared_ptr<const Schema> schema);

    const Schema& schema() const { return *schema_; }
    bool has_triggers() const { return !tables_.empty(); }
    /// nullptr when the table has no enabled triggers.
    const TableTriggers* triggers(const std::string& storage_name) const;
    /// nullptr for trigger functions. `function` is of schema().
    const FunctionProgram* find(const Function& function) const;
    /// Fails when it does not compile.
    Result<const FunctionProgram*> require(const Function& function) const;
    ProgramWriter writer() const { return ProgramWriter(rules_.get(), by_rows_); }

private:
    Library(std::shared_ptr<const Schema> schema, std::shared_ptr<const policy::AccessRules> rules);
    Result<void> add_table(const Table& table);
    Result<std::unique_ptr<Program>> write(Result<sql::Routine> routine) const;
    Result<void> add_function(const Function& function);
    Result<void> add_all();

    std::shared_ptr<const Schema> schema_;              // shared with whoever compiled it
    std::shared_ptr<const policy::AccessRules> rules_;  // as above; may be null
    ProgramWriter::ByRows by_rows_;
    std::map<std::string, TableTriggers, std::less<>> tables_;
    std::map<const Function*, FunctionProgram> functions_;
};

}  // namespace dunlin::routines
