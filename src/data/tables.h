#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/identity.h"
#include "core/result.h"
#include "engine/engine.h"
#include "policy/access_rules.h"
#include "query/rest_query.h"
#include "query/table_sql.h"

namespace dunlin::data {

namespace asio = boost::asio;

/// How query/ names the table in every statement, and so in the conditions handed to it.
constexpr std::string_view table_alias = "t";

/// Rows as a JSON array, ready to be sent.
struct Rows {
    std::string json = "[]";
    std::uint64_t count = 0;
    /// All rows that match, without limit and offset; only when it was asked for.
    std::optional<std::uint64_t> total{};
};

/// What the caller wants back from a write.
enum class Returning : std::uint8_t { Nothing, Representation };

struct ReadOptions {
    bool count_total = false;
};

struct InsertResult {
    Rows rows;
    /// The primary key of the one row that was inserted, as `column=eq.value` pairs joined with
    /// "&";
    /// "" for several rows or no key.
    std::string location{};
};

/// The only way rows are read or written: names resolved, rules added, one transaction each.
///
/// Thread-safe. Every method resumes on the caller's executor.
class Tables {
public:
    /// `engine` is borrowed.
    Tables(engine::Engine& engine, std::shared_ptr<const policy::AccessRules> rules);

    const Schema& schema() const { return rules_->schema(); }
    const policy::AccessRules& rules() const { return *rules_; }
    std::shared_ptr<const policy::AccessRules> shared_rules() const { return rules_; }

    /// The table as `role` sees it. Fails with PGRST205 and the nearest name as a hint.
    Result<const Table*> find(std::string_view schema, std::string_view name, Role role) const;

    asio::awaitable<Result<Rows>> select(Identity identity, const Table& table,
                                         query::RestQuery query, ReadOptions options);

    /// Fails with 42501 when a row is refused by WITH CHECK, or when the caller may not see a row
    /// it wants returned; then nothing is inserted.
    asio::awaitable<Result<InsertResult>> insert(Identity identity, const Table& table,
                                                 query::RestQuery query, boost::json::value rows,
                                                 query::InsertOptions options, Returning returning);

    asio::awaitable<Result<Rows>> update(Identity identity, const Table& table,
                                         query::RestQuery query, boost::json::value values,
                                         Returning returning);

    asio::awaitable<Result<Rows>> remove(Identity identity, const Table& table,
                                         query::RestQuery query, Returning returning);

    /// The reader of `identity` with every set its row rules need.
    asio::awaitable<Result<std::shared_ptr<const policy::Reader>>> load_reader(Identity identity);

private:
    /// Whether the command reads rows that are there: by a filter, or to give them back.
    enum class Reads : std::uint8_t { Nothing, Rows };

    /// Fails with 42501 when the role was not granted the command, or to read the table.
    Result<query::AccessConditions> conditions(const Table& table, Command command, Role role,
                                               Reads reads) const;

    engine::Engine& engine_;
    std::shared_ptr<const policy::AccessRules> rules_;
};

}  // namespace dunlin::data
