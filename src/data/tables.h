#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/identity.h"
#include "core/limits.h"
#include "core/result.h"
#include "data/computed.h"
#include "data/pages.h"
#include "data/selection.h"
#include "data/write_plan.h"
#include "engine/engine.h"
#include "policy/access_rules.h"
#include "query/read_plan.h"
#include "query/rest_query.h"
#include "query/table_sql.h"

namespace dunlin::data {

namespace asio = boost::asio;

/// How query/ names the table in every statement, and so in the conditions handed to it.
constexpr std::string_view table_alias = "t";

struct ReadOptions {
    bool count_total = false;
    RowFormat format = RowFormat::Json;
    std::uint64_t rows_max = limits::rows_per_request_max;
    PlanForm plan = PlanForm::None;  // instead of the rows
    bool position = false;           // Rows::position is wanted
};

/// What a reader may see, and of when: the sets are those of the commit at `position`.
struct LoadedReader {
    std::shared_ptr<const policy::Reader> reader;  // shared with indexes
    Position position{};  // the start of the log when no set had to be read
};

/// Rows whose `column` has one of `values`, or all of them.
struct StoredRowsQuery {
    const Table* table = nullptr;
    std::optional<std::size_t> column{};
    std::vector<Value> values{};
};

/// Rows by query, in the order of Table::columns, as they were at `position`.
struct StoredRows {
    Position position{};
    std::vector<std::vector<Row>> rows{};
    bool complete = true;  // false: there are too many, and `rows` is not to be used
};

/// What the project's settings say of reading.
struct ReadSettings {
    bool aggregates = false;  // sum, avg, min, max and count() in a select
};

/// The only way rows are read or written: names resolved, rules added, one transaction each.
///
/// Thread-safe. Every method resumes on the caller's executor.
class Tables {
public:
    /// `engine` is borrowed.
    Tables(engine::Engine& engine, std::shared_ptr<const policy::AccessRules> rules,
           std::shared_ptr<const routines::Library> library, ReadSettings settings = {});

    const Schema& schema() const { return rules_->schema(); }
    const policy::AccessRules& rules() const { return *rules_; }
    std::shared_ptr<const policy::AccessRules> shared_rules() const { return rules_; }

    /// The table as `role` sees it. Fails with PGRST205 and the nearest name as a hint.
    Result<const Table*> find(std::string_view schema, std::string_view name, Role role) const;

    asio::awaitable<Result<Rows>> select(Identity identity, const Table& table,
                                         query::RestQuery query, ReadOptions options);

    /// Fails with 42501 when a row is refused by WITH CHECK, or when the caller may not see a row
    /// that the write reads; then nothing is written.
    asio::awaitable<Result<WriteResult>> insert(Identity identity, const Table& table,
                                                query::RestQuery query, query::Body body,
                                                WriteOptions options);

    asio::awaitable<Result<WriteResult>> update(Identity identity, const Table& table,
                                                query::RestQuery query, query::Body body,
                                                WriteOptions options);

    asio::awaitable<Result<WriteResult>> remove(Identity identity, const Table& table,
                                                query::RestQuery query, WriteOptions options);

    /// The select of a request over rows that a write or a function returned: full rows of `table`,
    /// which of a function may be made up of what it gives. Fails before anything is written.
    Result<Selection> select_written(Role role, const Table& table,
                                     const query::RestQuery& query) const;
    Result<Selection> select_returned(Role role, const Table& table,
                                      const query::RestQuery& query) const;

    /// The reader of `identity` with every set its row rules need, and the position they are of.
    asio::awaitable<Result<LoadedReader>> load_reader_at(Identity identity);

    /// Gives each stored row that `identity` may see to `take`, on a thread of the engine; all
    /// pages on one snapshot, whose position it returns. Fails as select() does.
    asio::awaitable<Result<Position>> read_pages(Identity identity, std::vector<PageRequest> pages,
                                                 TakePageRow take);

    /// Rows whoever may see them, of one snapshot; at most `rows_max` of all queries together. For
    /// the server itself.
    asio::awaitable<Result<StoredRows>> stored_rows(std::vector<StoredRowsQuery> queries,
                                                    std::size_t rows_max);

private:
    /// What one write does with the session; may be called again.
    using Write = std::function<Result<WrittenRows>(routines::Unit&, engine::Session&)>;
    /// Runs a planned write in one transaction and answers; `statement` is what EXPLAIN is asked
    /// of.
    asio::awaitable<Result<WriteResult>> write(Identity identity, const Table& table,
                                               const query::RestQuery& query, WriteOptions options,
                                               const query::SqlText& statement, Write run);

    Result<InsertPlan> plan_insert(Role role, const Table& table, const query::RestQuery& query,
                                   const query::Body& body, const WriteOptions& options) const;
    Result<ChangePlan> plan_update(Role role, const Table& table, const query::RestQuery& query,
                                   const query::Body& body, const WriteOptions& options) const;
    /// The select of the answer, none when no rows are wanted.
    Result<std::optional<Selection>> plan_answer(Role role, const Table& table,
                                                 const query::RestQuery& query,
                                                 const WriteOptions& options) const;
    Result<ChangePlan> plan_delete(Role role, const Table& table, const query::RestQuery& query,
                                   const WriteOptions& options) const;

    /// Whether BEFORE triggers want the rows one by one.
    bool by_rows(const Table& table, ChangeKind kind) const;

    /// Whether the command reads rows that are there: by a filter, or to give them back.
    enum class Reads : std::uint8_t { Nothing, Rows };

    /// As conditions(), and those of the update that a conflict leads to.
    Result<query::AccessConditions> insert_conditions(Role role, const Table& table,
                                                      query::Resolution resolution,
                                                      Reads reads) const;

    /// Fails with 42501 when the role was not granted the command, or to read the table.
    Result<query::AccessConditions> conditions(const Table& table, Command command, Role role,
                                               Reads reads) const;

    /// How `role` reads; borrows this object.
    query::ReadContext read_context(Role role,
                                    query::RowSource source = query::RowSource::Stored) const;

    engine::Engine& engine_;
    std::shared_ptr<const policy::AccessRules> rules_;
    std::shared_ptr<const routines::Library> library_;  // of the same schema; shared with Functions
    ComputedFunctions computed_;
    ReadSettings settings_;
    std::map<Role, query::Relationships> relationships_;  // as each role sees them
};

}  // namespace dunlin::data
