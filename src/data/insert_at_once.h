#pragma once

#include "data/write_plan.h"

namespace dunlin::data {

/// Runs the statements of a plan and judges what they wrote, without triggers. Fails as
/// run_insert().
Result<WrittenRows> insert_at_once(engine::Session& session, const Table& table,
                                   const InsertPlan& plan);

}  // namespace dunlin::data
