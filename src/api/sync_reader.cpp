#include "api/sync_reader.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "core/limits.h"
#include "realtime/change_json.h"

namespace dunlin::api {

namespace {

/// The log is read in portions, between which the loop serves others.
constexpr std::size_t portion_changes = 1'000;

asio::awaitable<void> let_others_run() {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
}

}  // namespace

SyncReader::SyncReader(SyncLoop loop, SyncSources sources, Identity identity,
                       realtime::FeedView view, Position since, Waits waits)
    : loop_(loop),
      sources_(sources),
      identity_(std::move(identity)),
      view_(std::move(view)),
      position_(since),
      waits_(waits) {}

SyncReader::~SyncReader() {
    if (waiter_) loop_.hub.remove(*waiter_);
}

asio::awaitable<Result<void>> SyncReader::prepare() {
    auto loaded = co_await load();
    if (loaded) enlist();
    co_return loaded;
}

asio::awaitable<Result<SyncStep>> SyncReader::read(std::size_t changes_max) {
    SyncStep step;
    bytes_ = 0;
    changes_ = 0;
    while (true) {
        due_ = false;
        auto allowed = check_identity(step);
        if (!allowed) co_return std::unexpected(allowed.error());
        auto commits = co_await sources_.log.read_after(position_, portion_changes);
        if (!commits && commits.error().code != ErrorCode::NotFound)
            co_return std::unexpected(commits.error());
        if (!commits) resync(step, commits.error().message);
        if (!step.resync.empty()) break;
        auto followed = co_await follow_rights(*commits, step);
        if (!followed) co_return std::unexpected(followed.error());
        if (!step.resync.empty()) break;
        for (const ChangeBatch& commit : *commits) {
            co_await print(commit, step);
            if (!step.resync.empty()) break;
            if (changes_ >= changes_max || bytes_ >= limits::feed_answer_bytes) break;
        }
        if (!step.resync.empty()) break;
        if (changes_ >= changes_max || bytes_ >= limits::feed_answer_bytes) break;
        const bool may_miss = waits_ == Waits::Yes && !waiter_;
        if (may_miss) enlist();
        if (commits->empty() && !may_miss) break;
        co_await let_others_run();
    }
    step.position = position_;
    step.more = position_ < sources_.log.last();
    co_return step;
}

/// The feed goes on under the rights of the present, which may have ended since the last reading.
Result<void> SyncReader::check_identity(SyncStep& step) {
    const std::int64_t now_s = sources_.clock.now_us() / 1'000'000;
    if (identity_.expires_at_s != 0 && now_s >= identity_.expires_at_s)
        return std::unexpected(Error{ErrorCode::Unauthorized, "JWT expired", "PGRST303"});
    auto now = loop_.host.current(identity_);
    if (!now) return std::unexpected(now.error());
    if (*now == identity_) return {};
    if (now->role != identity_.role) {
        return std::unexpected(Error{ErrorCode::Unauthorized,
                                     "the account has another role by now: connect again",
                                     "PGRST303"});
    }
    identity_ = std::move(*now);
    resync(step, "the account's claims have changed");
    return {};
}

asio::awaitable<Result<void>> SyncReader::load() {
    auto loaded = co_await sources_.tables.load_reader_at(identity_);
    if (!loaded) co_return std::unexpected(loaded.error());
    reader_ = std::move(loaded->reader);
    reader_at_ = loaded->position;
    if (waiter_) loop_.hub.set_reader(*waiter_, reader_);
    co_return Result<void>();
}

asio::awaitable<Result<void>> SyncReader::follow_rights(const std::vector<ChangeBatch>& commits,
                                                        SyncStep& step) {
    if (!reader_) {
        auto loaded = co_await load();
        if (!loaded) co_return loaded;
    }
    for (const ChangeBatch& commit : commits) {
        const Position touched = commit->back().position;
        const bool matters = std::ranges::any_of(*commit, [this](const Change& change) {
            return view_.may_change_rights(change, *reader_);
        });
        if (touched <= proven_ || !matters) continue;
        // Known only as it was afterwards: who could see what before is not known any more.
        if (touched <= reader_at_) {
            resync(step, "who may see what has changed since", Rights::JustLoaded);
            co_return Result<void>();
        }
        const auto before = reader_;
        auto loaded = co_await load();
        if (!loaded) co_return loaded;
        if (!view_.same_rights(*before, *reader_)) {
            resync(step, "what you may see has changed", Rights::JustLoaded);
            co_return Result<void>();
        }
        proven_ = reader_at_;
    }
    co_return Result<void>();
}

asio::awaitable<void> SyncReader::print(const ChangeBatch& commit, SyncStep& step) {
    const Position end = commit->back().position;
    std::string json = R"({"position":")" + end.to_string() + R"(","commit_timestamp":")" +
                       realtime::format_timestamp(commit->front().commit_time_us) +
                       R"(","changes":[)";
    std::size_t seen = 0;
    std::size_t looked_at = 0;
    for (const Change& change : *commit) {
        if (realtime::write_feed_change(view_, *reader_, change, json)) ++seen;
        if (json.size() > limits::feed_answer_bytes_max) {
            resync(step, "the commit at " + end.to_string() + " is too large for the feed");
            co_return;
        }
        if (++looked_at % portion_changes == 0) co_await let_others_run();
    }
    position_ = end;
    if (seen == 0) co_return;
    json += "]}";
    changes_ += seen;
    bytes_ += json.size();
    step.commits.push_back({end, std::move(json)});
}

/// Goes on from a position at which the rights are known, or will be loaded.
void SyncReader::resync(SyncStep& step, std::string why, Rights rights) {
    step.resync = std::move(why);
    const bool as_loaded = rights == Rights::JustLoaded && !view_.dependencies().empty();
    position_ = as_loaded ? reader_at_ : sources_.log.last();
    proven_ = position_;
    if (!as_loaded) reader_.reset();
    step.position = position_;
}

void SyncReader::enlist() {
    if (waits_ == Waits::Yes && !waiter_) waiter_ = loop_.hub.add(*this, view_, reader_);
}

/// Of the token.
std::chrono::seconds SyncReader::time_left() const {
    constexpr std::int64_t long_enough_s = 3600;
    if (identity_.expires_at_s == 0) return std::chrono::seconds(long_enough_s);
    const std::int64_t now_s = sources_.clock.now_us() / 1'000'000;
    return std::chrono::seconds(
        std::clamp<std::int64_t>(identity_.expires_at_s - now_s, 0, long_enough_s));
}

asio::awaitable<void> SyncReader::wait(std::chrono::steady_clock::duration time) {
    if (!due_ && !stopping()) {
        timer_ = std::make_unique<asio::steady_timer>(
            co_await asio::this_coro::executor,
            std::min<std::chrono::steady_clock::duration>(time, time_left()));
        co_await timer_->async_wait(asio::as_tuple(asio::use_awaitable));
        timer_.reset();
    }
    // Whom nothing woke has nothing to read up to what the hub has seen.
    if (!due_ && waiter_) position_ = std::max(position_, loop_.hub.position());
}

void SyncReader::wake() {
    due_ = true;
    if (timer_) timer_->cancel();
}

}  // namespace dunlin::api
