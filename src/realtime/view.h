#pragma once

#include <optional>

#include "core/change.h"
#include "policy/access_rules.h"
#include "realtime/live_filter.h"

/// What a change of a row means to somebody: the one answer for sockets, replays and the feed
/// (docs/protocol/realtime.md, "Changes").
namespace dunlin::realtime {

/// To someone who saw the old row or not, and sees the new one or not: a row that enters is an
/// Insert, one that leaves a Delete. Nothing when neither is seen.
std::optional<ChangeKind> seen_as(ChangeKind kind, bool saw_old, bool sees_new);

/// To `reader` under `rule`; `filter` null for none.
std::optional<ChangeKind> seen_as(const Change& change, const policy::RowRule& rule,
                                  const policy::Reader& reader, const LiveFilter* filter);

}  // namespace dunlin::realtime
