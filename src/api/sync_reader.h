#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/live_host.h"
#include "changes/log_reader.h"
#include "core/clock.h"
#include "core/identity.h"
#include "data/tables.h"
#include "realtime/feed.h"
#include "realtime/feed_hub.h"

namespace dunlin::api {

namespace asio = boost::asio;

/// What the feed uses on one loop. Borrows everything; the hub outlives the loop's coroutines.
struct SyncLoop {
    realtime::FeedHub& hub;
    LiveHost& host;
};

/// What the feed uses on every loop. Borrows everything.
struct SyncSources {
    data::Tables& tables;
    const changes::LogReader& log;
    const Clock& clock;
};

/// A commit as somebody sees it.
struct SyncCommit {
    Position position;
    std::string json;  // {"position","commit_timestamp","changes":[…]}
};

/// What one reading gave.
struct SyncStep {
    std::vector<SyncCommit> commits{};
    Position position{};      // read up to here
    bool more = false;        // there is more in the log already
    std::string resync = "";  // why the rows have to be read again, "" for not
};

/// One reader of the feed: reads the log from a position on, under the rights of an identity, and
/// waits for more. Belongs to one loop; one call at a time.
///
/// Rights: the sets that the rules ask for are loaded with their position. A commit that touches
/// them later is compared with what was known before; where that is not known (it came between
/// `since` and the first load) or differs, events cannot tell what became visible: resync.
class SyncReader final : public realtime::FeedHub::Waiter {
public:
    /// For JSON, which may be asked only once, no waiting is prepared.
    enum class Waits : std::uint8_t { No, Yes };

    SyncReader(SyncLoop loop, SyncSources sources, Identity identity, realtime::FeedView view,
               Position since, Waits waits);
    ~SyncReader() override;
    SyncReader(const SyncReader&) = delete;
    SyncReader& operator=(const SyncReader&) = delete;

    /// Loads the rights, as of a position not before that of the last commit: what changes them
    /// later is then noticed.
    asio::awaitable<Result<void>> prepare();

    /// Reads on until about `changes_max` changes, limits::feed_answer_bytes or the end of the log.
    /// After a resync it goes on from the position of that step. Fails with Unauthorized when
    /// session or token have ended, and when the log or the rights cannot be read.
    asio::awaitable<Result<SyncStep>> read(std::size_t changes_max);

    /// Waits until there may be something to read or the token expires, for `time` at most. Then
    /// position() is what is known to hold nothing unread before it.
    asio::awaitable<void> wait(std::chrono::steady_clock::duration time);

    void wake() override;

    void go_on_from(Position position) { position_ = position; }
    Position position() const { return position_; }
    bool stopping() const { return loop_.hub.stopping(); }
    /// Whether there may be something to read: wait() would return at once.
    bool due() const { return due_; }

private:
    Result<void> check_identity(SyncStep& step);
    asio::awaitable<Result<void>> load();
    asio::awaitable<Result<void>> follow_rights(const std::vector<ChangeBatch>& commits,
                                                SyncStep& step);
    asio::awaitable<void> print(const ChangeBatch& commit, SyncStep& step);
    enum class Rights : std::uint8_t { ToBeLoaded, JustLoaded };
    void resync(SyncStep& step, std::string why, Rights rights = Rights::ToBeLoaded);
    void enlist();
    std::chrono::seconds time_left() const;

    SyncLoop loop_;
    SyncSources sources_;
    Identity identity_;
    realtime::FeedView view_;
    Position position_;
    Waits waits_;
    bool due_ = false;
    std::optional<realtime::FeedHub::WaiterId> waiter_;
    std::unique_ptr<asio::steady_timer> timer_;     // while it waits
    std::shared_ptr<const policy::Reader> reader_;  // shared with the hub
    Position reader_at_;                            // the sets of reader_ are as of this position
    Position proven_;                               // rights did not change up to here
    std::size_t bytes_ = 0;                         // of this reading
    std::size_t changes_ = 0;                       // of this reading
};

}  // namespace dunlin::api
