#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "engine/engine.h"

/// The payload of one row of the change log: docs/formats/change-log.md. Pure.
namespace dunlin::changes {

std::string encode_commit(std::span<const engine::RowChange> changes);

/// Fails with Internal for anything that encode_commit() would not write: unknown tags, numbers too
/// long or out of range, bytes left over. Takes memory in proportion to `bytes`.
Result<std::vector<engine::RowChange>> decode_commit(std::string_view bytes);

}  // namespace dunlin::changes
