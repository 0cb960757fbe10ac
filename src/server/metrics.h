#pragma once

#include <vector>

#include "api/live_facts.h"
#include "api/status.h"
#include "core/position.h"
#include "engine/engine.h"
#include "http/server.h"

namespace dunlin::server {

/// Everything `/metrics` shows (docs/operating/metrics.md).
std::vector<api::Metric> all_metrics(const http::ServerStatistics& http,
                                     const engine::EngineStatistics& engine, Position last,
                                     const api::LiveFacts::Statistics& live);

}  // namespace dunlin::server
