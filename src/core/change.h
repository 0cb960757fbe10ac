#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/position.h"
#include "core/value.h"

namespace dunlin {

enum class ChangeKind : std::uint8_t { Insert = 1, Update = 2, Delete = 3 };

/// Who caused a change; empty texts when unknown.
struct Origin {
    std::string actor{};    // user id
    std::string session{};  // session id
    friend bool operator==(const Origin&, const Origin&) = default;
};

/// One committed change of one row.
struct Change {
    Position position;
    std::string table;  // Table::storage_name()
    ChangeKind kind = ChangeKind::Insert;
    Row old_row{};                    // empty for Insert
    Row new_row{};                    // empty for Delete
    std::int64_t commit_time_us = 0;  // microseconds since 1970 UTC
    Origin origin{};
};

/// The changes of one commit, in order. Immutable and shared by every reader of it.
using ChangeBatch = std::shared_ptr<const std::vector<Change>>;

}  // namespace dunlin
