#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/settings.h"
#include "core/result.h"
#include "data/owner.h"
#include "engine/engine.h"

/// Attempts counted in the database: exact however many come at once, and over restarts. A window
/// begins with its first attempt and ends after RateLimit::seconds.
namespace dunlin::auth::rate_limits {

/// Makes the table on first use. Blocks: for start-up.
Result<void> open(engine::Engine& engine);

/// Counts one attempt of `key` and gives the seconds to wait when it is over the limit, else 0.
Result<std::int64_t> count(data::OwnerSession& session, std::string_view key,
                           const RateLimit& limit, std::int64_t now_us);

/// Counts one attempt of `key` ("sign-in:address:10.0.0.1"). Fails with 429 `name` when it is over
/// the limit; the details say when to try again. Call in a transaction that commits even so: an
/// attempt must stay counted.
Result<void> take(data::OwnerSession& session, std::string_view key, const RateLimit& limit,
                  std::string_view name, std::int64_t now_us);

/// Forgets the attempts of `key`: the proof was good.
Result<void> forgive(data::OwnerSession& session, std::string_view key);

/// Removes windows that have ended. Call now and then.
Result<void> prune(data::OwnerSession& session, std::int64_t now_us);

}  // namespace dunlin::auth::rate_limits
