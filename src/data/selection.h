#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/schema.h"
#include "core/value.h"
#include "data/rows.h"
#include "engine/engine.h"
#include "query/read_plan.h"

namespace dunlin::data {

/// The select of a request with everything it embeds, resolved for one reader: names looked up,
/// policies added. One statement for the rows themselves and one for each relation it embeds, which
/// fetches the rows of all parents at once; they are joined in memory and printed once.
///
/// Immutable; run() may be called again.
class Selection {
public:
    /// Nothing is read yet, so that a write is refused before it begins. Fails as query::plan_read.
    static Result<Selection> plan(const Table& table, const query::RestQuery& query,
                                  const query::ReadContext& context);

    /// Reads within the session's snapshot. Of a plan over given rows (ReadContext::source) `given`
    /// are full rows of the table, as a write or a function returned them; they are shown as they
    /// are given, what is embedded as the session sees it. Fails with 54000 over
    /// limits::embedded_rows_max and result_bytes_max.
    Result<Rows> run(engine::Session& session, RowFormat format,
                     const std::vector<Row>& given = {}) const;

    /// The same rows counted, without limit and offset; needs ReadContext::total.
    Result<std::uint64_t> count(engine::Session& session, const std::vector<Row>& given = {}) const;

    /// The statement of the rows themselves, for EXPLAIN.
    const query::SqlText& statement() const { return plan_.root.text; }

private:
    explicit Selection(query::ReadPlan plan) : plan_(std::move(plan)) {}

    /// Rows that embed nothing are printed as the engine finds them.
    Result<Rows> stream(engine::Session& session) const;

    query::ReadPlan plan_;
};

}  // namespace dunlin::data
