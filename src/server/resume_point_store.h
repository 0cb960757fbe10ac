#pragma once

#include <boost/asio/awaitable.hpp>

#include "core/clock.h"
#include "core/result.h"
#include "engine/engine.h"
#include "realtime/resume_points.h"

namespace dunlin::server {

/// The copy of the resume points in the database, so that devices go on where they were after a
/// restart. Written every few seconds: after a crash a point may be older than it was, and its
/// device gets some changes twice.
class ResumePointStore {
public:
    /// Borrows all three.
    ResumePointStore(engine::Engine& engine, realtime::ResumePoints& points, const Clock& clock)
        : engine_(engine), points_(points), clock_(clock) {}

    /// Creates the table on first use and restores the points. Blocks: for start-up.
    Result<void> open();
    /// Writes what has changed, until the loop ends.
    boost::asio::awaitable<void> keep();
    /// Writes what has changed now. Blocks until the database has it: for the end, when nothing
    /// else runs.
    void finish();

private:
    Result<void> write(engine::Session& session,
                       const std::vector<realtime::ResumePoints::Point>& changes) const;

    engine::Engine& engine_;
    realtime::ResumePoints& points_;
    const Clock& clock_;
};

}  // namespace dunlin::server
