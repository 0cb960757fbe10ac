#pragma once

#include <vector>

#include "core/result.h"
#include "core/schema.h"
#include "data/rows.h"
#include "data/tables.h"
#include "engine/engine.h"
#include "query/table_sql.h"

namespace dunlin::data {

/// A select over rows that a function returned: its columns, filters, order, limit and offset.
/// Immutable.
class ReturnedRows {
public:
    /// `table` describes the rows; borrowed. Fails as query::select_sql.
    static Result<ReturnedRows> plan(const Tables& tables, Role role, const Table& table,
                                     const query::RestQuery& query);

    Result<Rows> run(engine::Session& session, RowFormat format,
                     const std::vector<Row>& rows) const;
    /// Without limit and offset.
    Result<std::uint64_t> count(engine::Session& session, const std::vector<Row>& rows) const;

private:
    query::SqlText select_{};
    query::SqlText count_{};
};

}  // namespace dunlin::data
