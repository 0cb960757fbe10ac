#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "core/schema.h"
#include "core/value.h"
#include "core/value_view.h"

namespace dunlin::data {

/// A part of a table in the order of its primary key, or of the engine's row numbers when it has
/// none.
struct PageRequest {
    const Table* table = nullptr;  // no view
    Row after{};                   // key of the last row of the page before; empty: from the first
    std::size_t rows_max = 0;
};

/// A row of page number `page`: its stored columns in the order of Table::columns, and its key,
/// which is the next page's `after`. Both are gone when it returns.
using TakePageRow = std::function<void(std::size_t page, std::span<const ValueView> columns,
                                       std::span<const ValueView> key)>;

}  // namespace dunlin::data
