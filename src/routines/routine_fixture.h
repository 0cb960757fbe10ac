#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/sqlite/database_fixture.h"
#include "routines/unit.h"

namespace dunlin::routines {

/// A real database with the functions and triggers of a migration, and units of work on it.
class RoutineFixture : public engine::DatabaseFixture {
protected:
    using UnitWork = std::function<Result<void>(Unit& unit, engine::Session& session)>;

    RoutineFixture();

    /// Makes the tables and compiles everything, once for each test.
    void migrate(std::string_view text);
    /// "" or the "SQLSTATE" with which the migrated schema and `more` do not compile.
    std::string refusal_of(std::string_view more) const;

    const Table& table(std::string_view name) const;
    /// The only function of its name.
    const Function& function(std::string_view name) const;
    const FunctionProgram& made(std::string_view name) const;

    /// Runs `work` in a unit and stores what it did: "" or "SQLSTATE message".
    std::string in_unit(Role role, UnitKind kind, const UnitWork& work);
    /// The values that a function gives, "1 2", or its refusal; every value as text.
    std::string call(Unit& unit, std::string_view name, const std::vector<Value>& arguments = {});
    /// The same in a unit of its own.
    std::string call_alone(Role role, std::string_view name,
                           const std::vector<Value>& arguments = {});
    /// What a statement finds: "1|a 2|b".
    std::string found(const std::string& sql);

    static std::string shown(const std::vector<Row>& rows);
    static std::string shown(const Error& error);

    std::shared_ptr<const Library> library_;

private:
    Schema schema_;
};

}  // namespace dunlin::routines
