#include "routines/routine_fixture.h"

#include <fmt/format.h>

#include "core/check.h"
#include "sql/migration.h"

namespace dunlin::routines {

namespace {

Result<std::shared_ptr<const Library>> compile(Schema schema, const Clock& clock) {
    auto rules =
        policy::AccessRules::compile(std::make_shared<const Schema>(std::move(schema)), clock);
    if (!rules) return std::unexpected(rules.error());
    return Library::compile(std::move(*rules));
}

std::string shown_value(const Value& value) {
    if (value.is_null()) return "null";
    if (value.is_integer()) return std::to_string(value.integer());
    if (value.is_real()) return fmt::format("{}", value.real());
    return value.is_text() ? value.text() : "bytes";
}

}  // namespace

RoutineFixture::RoutineFixture() {
    open(options());
}

void RoutineFixture::migrate(std::string_view text) {
    auto plan = sql::plan_migration({}, text, "test.sql");
    ASSERT_TRUE(plan) << plan.error().message;
    std::vector<std::string> statements;
    for (const auto& planned : plan->statements) statements.push_back(planned.sql);
    define(statements);
    schema_ = plan->schema;
    engine_->set_schema(std::make_shared<const Schema>(schema_));
    auto compiled = compile(schema_, clock_);
    ASSERT_TRUE(compiled) << compiled.error().message;
    library_ = std::move(*compiled);
}

std::string RoutineFixture::refusal_of(std::string_view more) const {
    auto plan = sql::plan_migration(schema_, more, "more.sql");
    if (!plan) return plan.error().sqlstate;
    auto compiled = compile(std::move(plan->schema), clock_);
    return compiled ? "" : compiled.error().sqlstate;
}

const Table& RoutineFixture::table(std::string_view name) const {
    const Table* found = library_->schema().find("public", name);
    CHECK(found != nullptr);
    return *found;
}

const Function& RoutineFixture::function(std::string_view name) const {
    return library_->schema().functions.at({"public", std::string(name)}).front();
}

const FunctionProgram& RoutineFixture::made(std::string_view name) const {
    const FunctionProgram* found = library_->find(function(name));
    CHECK(found != nullptr);
    return *found;
}

std::string RoutineFixture::in_unit(Role role, UnitKind kind, const UnitWork& work) {
    const auto done = write(
        [&](engine::Session& session) -> Result<void> {
            Unit unit(*library_, session, role, kind);
            return work(unit, session);
        },
        {.role = role});
    return done ? "" : shown(done.error());
}

std::string RoutineFixture::call(Unit& unit, std::string_view name,
                                 const std::vector<Value>& arguments) {
    const std::vector<std::optional<Value>> given(arguments.begin(), arguments.end());
    const auto result = unit.call(made(name), given);
    return result ? shown(result->rows) : shown(result.error());
}

std::string RoutineFixture::call_alone(Role role, std::string_view name,
                                       const std::vector<Value>& arguments) {
    std::string answer;
    const std::string refused =
        in_unit(role, UnitKind::Write, [&](Unit& unit, engine::Session&) -> Result<void> {
            answer = call(unit, name, arguments);
            return {};
        });
    return refused.empty() ? answer : refused;
}

std::string RoutineFixture::found(const std::string& sql) {
    auto result = read_one({sql});
    return result ? shown(result->rows) : shown(result.error());
}

std::string RoutineFixture::shown(const std::vector<Row>& rows) {
    std::string out;
    for (const Row& row : rows) {
        if (!out.empty()) out += ' ';
        for (std::size_t i = 0; i < row.size(); ++i)
            out += (i == 0 ? "" : "|") + shown_value(row[i]);
    }
    return out;
}

std::string RoutineFixture::shown(const Error& error) {
    return error.sqlstate + " " + error.message;
}

}  // namespace dunlin::routines
