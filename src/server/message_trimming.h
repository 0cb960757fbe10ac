#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>

#include "core/clock.h"
#include "core/result.h"
#include "data/owner.h"

namespace dunlin::server {

/// Removes stored broadcasts (realtime.messages) that are older than `age_us` or past their own
/// time to live, one portion: at most 500 rows of about 4 MiB, because each is kept in the change
/// log once more when it goes. True when there may be others.
Result<bool> remove_old_messages(data::OwnerSession& session, std::int64_t now_us,
                                 std::int64_t age_us);

/// Does so for good, portion by portion, so that no write of others waits for long. Both are
/// borrowed.
boost::asio::awaitable<void> trim_messages(data::Owner& owner, const Clock& clock,
                                           std::int64_t age_us);

}  // namespace dunlin::server
