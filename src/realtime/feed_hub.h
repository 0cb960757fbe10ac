#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/change.h"
#include "realtime/feed.h"
#include "realtime/subscription_index.h"

namespace dunlin::realtime {

/// Who waits on one event loop for something to read in the feed. A commit wakes whom it concerns,
/// found by the index of a shard: who is not concerned costs nothing. Belongs to the loop.
class FeedHub {
public:
    enum class WaiterId : std::uint32_t {};

    class Waiter {
    public:
        virtual ~Waiter() = default;
        /// There is something for it in the log, or its rights may have changed, or the server
        /// stops. Must only take a note. May be told so again, and for nothing.
        virtual void wake() = 0;
    };

    /// `last` is the position that the commits to be published follow.
    explicit FeedHub(Position last) : position_(last) {}

    /// `waiter` and `view` are borrowed until remove(). From now on it is told of everything after
    /// position().
    WaiterId add(Waiter& waiter, const FeedView& view,
                 std::shared_ptr<const policy::Reader> reader);
    /// The same identity with other rights.
    void set_reader(WaiterId id, std::shared_ptr<const policy::Reader> reader);
    void remove(WaiterId id);

    /// In log order.
    void publish(const ChangeBatch& commit);
    /// Sessions have ended and accounts have changed, by the commit that is published next: wakes
    /// who is concerned.
    void change_rights(const std::vector<std::string>& ended_sessions,
                       const std::vector<std::string>& changed_users);
    /// Wakes everybody: nobody may wait any more.
    void stop();

    bool stopping() const { return stopping_; }
    /// Of the last commit published: a waiter that was not woken has nothing to read up to here.
    Position position() const { return position_; }
    std::size_t size() const { return waiters_.size() - free_.size(); }

private:
    struct Slot {
        Waiter* waiter = nullptr;  // null when free
        const FeedView* view = nullptr;
        std::shared_ptr<const policy::Reader> reader;  // with the index and the waiter
        ReaderId reader_id{};
        std::vector<SubscriptionId> subscriptions;
    };

    Position position_;
    bool stopping_ = false;
    SubscriptionIndex index_;
    std::vector<Slot> waiters_;
    std::vector<std::uint32_t> free_;
    std::unordered_map<std::string, boost::unordered_flat_set<std::uint32_t>> by_dependency_;
    std::vector<Match> matches_;  // of the current change
};

}  // namespace dunlin::realtime
