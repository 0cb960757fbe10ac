#include "data/owner.h"

#include <fmt/format.h>

#include "core/check.h"

namespace dunlin::data {

namespace {

std::string quoted(std::string_view name) {
    return fmt::format("\"{}\"", name);
}

}  // namespace

Result<std::vector<Row>> OwnerSession::run(std::string sql, std::vector<Value> parameters) {
    auto found = session_.run({std::move(sql), std::move(parameters)});
    if (!found) return std::unexpected(found.error());
    return std::move(found->rows);
}

Result<void> OwnerSession::insert(std::string_view table, const Fields& fields) {
    engine::Statement statement;
    std::string values;
    statement.sql = fmt::format("insert into {} (", quoted(table));
    for (const auto& [column, value] : fields) {
        if (!values.empty()) statement.sql += ", ", values += ", ";
        statement.sql += quoted(column);
        values += fmt::format("?{}", statement.parameters.size() + 1);
        statement.parameters.push_back(value);
    }
    statement.sql += fmt::format(") values ({})", values);
    auto done = unit_.run(statement);
    if (!done) return std::unexpected(done.error());
    return {};
}

Result<std::int64_t> OwnerSession::update(std::string_view table, const Fields& fields,
                                          std::string_view where, std::vector<Value> parameters) {
    const Table* described = schema_.find_storage(table);
    CHECK(described != nullptr);
    engine::Statement statement{.parameters = std::move(parameters)};
    std::vector<std::size_t> named;
    for (const auto& [column, value] : fields) {
        statement.parameters.push_back(value);
        statement.sql += fmt::format("{}{} = ?{}", statement.sql.empty() ? "" : ", ",
                                     quoted(column), statement.parameters.size());
        named.push_back(described->find_column(column).value());
    }
    statement.sql = fmt::format("update {} set {} where {}", quoted(table), statement.sql, where);
    auto done = unit_.run(statement, named);
    if (!done) return std::unexpected(done.error());
    return done->affected;
}

Result<std::int64_t> OwnerSession::remove(std::string_view table, std::string_view where,
                                          std::vector<Value> parameters) {
    auto done = unit_.run(
        {fmt::format("delete from {} where {}", quoted(table), where), std::move(parameters)});
    if (!done) return std::unexpected(done.error());
    return done->affected;
}

Result<void> Owner::run(engine::Session& session, routines::UnitKind kind, const Work& work) const {
    routines::Unit unit(*library_, session, Role::ServiceRole, kind);
    OwnerSession owner(library_->schema(), unit, session);
    return work(owner);
}

asio::awaitable<Result<void>> Owner::write(Identity identity, Work work) {
    identity.role = Role::ServiceRole;  // the time limit is the server's, not the caller's
    co_return co_await engine_.write(std::move(identity),
                                     [this, work = std::move(work)](engine::Session& session) {
                                         return run(session, routines::UnitKind::Write, work);
                                     });
}

asio::awaitable<Result<void>> Owner::read(Work work) {
    co_return co_await engine_.read(Identity{.role = Role::ServiceRole},
                                    [this, work = std::move(work)](engine::Session& session) {
                                        return run(session, routines::UnitKind::Read, work);
                                    });
}

Result<void> Owner::read_now(const Work& work) {
    return engine_.read_now(
        [&](engine::Session& session) { return run(session, routines::UnitKind::Read, work); });
}

}  // namespace dunlin::data
