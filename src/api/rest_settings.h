#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/limits.h"

namespace dunlin::api {

/// What becomes of a write in the end, and whether `Prefer: tx=` may choose otherwise.
enum class TransactionEnd : std::uint8_t {
    Commit,
    CommitAllowOverride,
    Rollback,
    RollbackAllowOverride,
};

/// Settings of the data API (docs/operating/settings.md).
struct RestSettings {
    std::vector<std::string> schemas = {"public"};  // the first is the default
    TransactionEnd transaction_end = TransactionEnd::CommitAllowOverride;
    bool plan = false;        // whether a query's plan may be asked for
    bool aggregates = false;  // sum, avg, min, max and count() in a select
    bool openapi = true;
    std::uint64_t rows_max = limits::rows_per_request_max;  // of one answer
};

}  // namespace dunlin::api
