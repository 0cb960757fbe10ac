#include "auth/rate_limits.h"

#include "auth/error.h"

namespace dunlin::auth::rate_limits {

namespace {
constexpr std::int64_t us_per_s = 1'000'000;
}

Result<void> open(engine::Engine& engine) {
    return engine.migrate([](engine::Session& session) -> Result<void> {
        auto made = session.run(
            {"create table if not exists _dunlin_rate_limits (key text primary key, "
             "count integer not null, ends_at_us integer not null) strict, without rowid"});
        if (!made) return std::unexpected(made.error());
        return {};
    });
}

Result<std::int64_t> count(data::OwnerSession& session, std::string_view key,
                           const RateLimit& limit, std::int64_t now_us) {
    auto counted = session.run(
        "insert into _dunlin_rate_limits values (?1, 1, ?2) on conflict (key) do update set "
        "count = case when ends_at_us <= ?3 then 1 else count + 1 end, "
        "ends_at_us = case when ends_at_us <= ?3 then ?2 else ends_at_us end "
        "returning count, ends_at_us",
        {Value(key), Value(now_us + limit.seconds * us_per_s), Value(now_us)});
    if (!counted) return std::unexpected(counted.error());
    if (counted->front()[0].integer() <= limit.count_max) return 0;
    const std::int64_t wait_us = counted->front()[1].integer() - now_us;
    return (wait_us + us_per_s - 1) / us_per_s;
}

Result<void> take(data::OwnerSession& session, std::string_view key, const RateLimit& limit,
                  std::string_view name, std::int64_t now_us) {
    auto wait_s = count(session, key, limit, now_us);
    if (!wait_s) return std::unexpected(wait_s.error());
    if (*wait_s == 0) return {};
    return std::unexpected(over_limit(name, "Request rate limit reached", *wait_s));
}

Result<void> forgive(data::OwnerSession& session, std::string_view key) {
    auto done = session.run("delete from _dunlin_rate_limits where key = ?1", {Value(key)});
    if (!done) return std::unexpected(done.error());
    return {};
}

Result<void> prune(data::OwnerSession& session, std::int64_t now_us) {
    auto done =
        session.run("delete from _dunlin_rate_limits where ends_at_us <= ?1", {Value(now_us)});
    if (!done) return std::unexpected(done.error());
    return {};
}

}  // namespace dunlin::auth::rate_limits
