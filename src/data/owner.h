#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/identity.h"
#include "core/result.h"
#include "engine/engine.h"
#include "routines/unit.h"

namespace dunlin::data {

namespace asio = boost::asio;

/// A column of a row to be written, and its value as it is stored (docs/formats/values.md).
using Field = std::pair<std::string_view, Value>;
using Fields = std::vector<Field>;

/// The database as its owner sees it, inside one transaction: no policies. What it writes fires the
/// project's triggers (a profile for each new account) and is in the change log like any other
/// write. Tables are named as they are stored: `auth.users`.
class OwnerSession {
public:
    OwnerSession(const Schema& schema, routines::Unit& unit, engine::Session& session)
        : schema_(schema), unit_(unit), session_(session) {}

    /// A SELECT, or a write of the engine's own tables (`_dunlin…`), which have no triggers and are
    /// in no log. Parameters are `?1` …
    Result<std::vector<Row>> run(std::string sql, std::vector<Value> parameters = {});

    /// Other columns take SQLite's default, which is that of the migration.
    Result<void> insert(std::string_view table, const Fields& fields);

    /// `where` is SQL text whose parameters `?1` … are `parameters`. Gives the number of rows.
    Result<std::int64_t> update(std::string_view table, const Fields& fields,
                                std::string_view where, std::vector<Value> parameters);
    Result<std::int64_t> remove(std::string_view table, std::string_view where,
                                std::vector<Value> parameters);

private:
    const Table& described(std::string_view table) const;
    /// Whole rows, for triggers that want to see each before it is written.
    Result<std::vector<Row>> targets(const Table& table, std::string_view where,
                                     std::vector<Value> parameters);

    const Schema& schema_;
    routines::Unit& unit_;
    engine::Session& session_;
};

/// Reads and writes of the server itself: accounts, sessions, files. Thread-safe.
class Owner {
public:
    /// `engine` is borrowed.
    Owner(engine::Engine& engine, std::shared_ptr<const routines::Library> library)
        : engine_(engine), library_(std::move(library)) {}

    /// May run again from the start, as engine::Work.
    using Work = std::function<Result<void>(OwnerSession&)>;

    /// One transaction, on disk when it resumes; a refusal by `work` undoes all of it. Triggers see
    /// `identity` as auth.uid().
    asio::awaitable<Result<void>> write(Identity identity, Work work);
    asio::awaitable<Result<void>> read(Work work);
    /// Blocks: for start-up.
    Result<void> read_now(const Work& work);

private:
    Result<void> run(engine::Session& session, routines::UnitKind kind, const Work& work) const;

    engine::Engine& engine_;
    std::shared_ptr<const routines::Library> library_;
};

}  // namespace dunlin::data
