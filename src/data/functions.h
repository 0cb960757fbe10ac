#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/identity.h"
#include "data/selection.h"
#include "data/tables.h"
#include "engine/engine.h"
#include "query/function_choice.h"
#include "routines/library.h"

namespace dunlin::data {

/// A call of a function: its arguments by parameter, none for those that take their default.
struct FunctionCall {
    const Function* function = nullptr;  // borrowed from the Schema
    std::vector<std::optional<Value>> arguments{};
};

struct CallOptions {
    bool read_only = false;  // GET and HEAD, as PostgREST calls them
    bool count_total = false;
    RowFormat format = RowFormat::Json;
    /// More rows than this are PGRST124, and nothing is written.
    std::optional<std::uint64_t> affected_max{};
    bool undo = false;  // see WriteOptions
};

struct CallAnswer {
    /// Nothing: no body. Value: `rows.json` is one JSON value. Object: `rows.json` is an array of
    /// one object. Rows: an array.
    enum class Kind : std::uint8_t { Nothing, Value, Object, Rows };
    Kind kind = Kind::Nothing;
    Rows rows{};
};

/// The functions of a project, called by clients: one transaction each, in which its statements see
/// the caller's policies or, of SECURITY DEFINER, none.
///
/// Thread-safe. Resumes on the caller's executor.
class Functions {
public:
    /// `engine` and `tables` are borrowed.
    Functions(engine::Engine& engine, const Tables& tables,
              std::shared_ptr<const routines::Library> library);

    const Schema& schema() const { return library_->schema(); }

    /// A function that only reads is run on a snapshot, as is every one that is called with
    /// `read_only`. Fails with 42501 when the role may not call it, 25006 when a read-only one
    /// writes, and with what its body raises.
    asio::awaitable<Result<CallAnswer>> call(Identity identity, FunctionCall call,
                                             query::RestQuery query, CallOptions options);

private:
    Result<CallAnswer> answer(engine::Session& session, const Function& function,
                              const std::optional<Selection>& selection, std::vector<Row> rows,
                              const query::RestQuery& query, const CallOptions& options) const;

    engine::Engine& engine_;
    const Tables& tables_;
    std::shared_ptr<const routines::Library> library_;  // shared with Tables
};

}  // namespace dunlin::data
