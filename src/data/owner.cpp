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

const Table& OwnerSession::described(std::string_view table) const {
    const Table* found = schema_.find_storage(table);
    CHECK(found != nullptr);
    return *found;
}

Result<void> OwnerSession::insert(std::string_view table, const Fields& fields) {
    const Table& into = described(table);
    routines::GivenRow given;
    for (const auto& [column, value] : fields) {
        given.columns.push_back(into.find_column(column).value());
        given.values.push_back(value);
    }
    if (unit_.by_rows(into, ChangeKind::Insert)) {
        auto done = unit_.insert({.table = into, .rows = {std::move(given)}});
        if (!done) return std::unexpected(done.error());
        return {};
    }
    std::string columns;
    std::string values;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        columns += fmt::format("{}{}", i == 0 ? "" : ", ", quoted(fields[i].first));
        values += fmt::format("{}?{}", i == 0 ? "" : ", ", i + 1);
    }
    auto done =
        unit_.run({fmt::format("insert into {} ({}) values ({})", quoted(table), columns, values),
                   std::move(given.values)});
    if (!done) return std::unexpected(done.error());
    return {};
}

Result<std::vector<Row>> OwnerSession::targets(const Table& table, std::string_view where,
                                               std::vector<Value> parameters) {
    std::string columns;
    for (const Column& column : table.columns) {
        columns += (columns.empty() ? "" : ", ") + quoted(column.name);
    }
    return run(
        fmt::format("select {} from {} where {}", columns, quoted(table.storage_name()), where),
        std::move(parameters));
}

Result<std::int64_t> OwnerSession::update(std::string_view table, const Fields& fields,
                                          std::string_view where, std::vector<Value> parameters) {
    const Table& of = described(table);
    std::vector<std::size_t> named;
    for (const auto& [column, value] : fields) named.push_back(of.find_column(column).value());
    if (unit_.by_rows(of, ChangeKind::Update)) {
        auto rows = targets(of, where, std::move(parameters));
        if (!rows) return std::unexpected(rows.error());
        for (Row& row : *rows) {
            for (const auto& [column, value] : fields) row.push_back(value);
        }
        auto done = unit_.update({.table = of, .targets = std::move(*rows), .set = named});
        if (!done) return std::unexpected(done.error());
        return static_cast<std::int64_t>(done->size());
    }
    std::string set;
    for (const auto& [column, value] : fields) {
        parameters.push_back(value);
        set +=
            fmt::format("{}{} = ?{}", set.empty() ? "" : ", ", quoted(column), parameters.size());
    }
    auto done = unit_.run({fmt::format("update {} set {} where {}", quoted(table), set, where),
                           std::move(parameters)},
                          named);
    if (!done) return std::unexpected(done.error());
    return done->affected;
}

Result<std::int64_t> OwnerSession::remove(std::string_view table, std::string_view where,
                                          std::vector<Value> parameters) {
    const Table& from = described(table);
    if (unit_.by_rows(from, ChangeKind::Delete)) {
        auto rows = targets(from, where, std::move(parameters));
        if (!rows) return std::unexpected(rows.error());
        auto done = unit_.remove({.table = from, .targets = std::move(*rows)});
        if (!done) return std::unexpected(done.error());
        return static_cast<std::int64_t>(done->size());
    }
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
