#include "realtime/feed_hub.h"

#include <algorithm>
#include <utility>

namespace dunlin::realtime {

namespace {

constexpr KindSet every_kind =
    kind_bit(ChangeKind::Insert) | kind_bit(ChangeKind::Update) | kind_bit(ChangeKind::Delete);

}  // namespace

FeedHub::WaiterId FeedHub::add(Waiter& waiter, const FeedView& view,
                               std::shared_ptr<const policy::Reader> reader) {
    std::uint32_t number = static_cast<std::uint32_t>(waiters_.size());
    if (free_.empty()) {
        waiters_.emplace_back();
    } else {
        number = free_.back();
        free_.pop_back();
    }
    Slot& slot = waiters_[number];
    slot.waiter = &waiter;
    slot.view = &view;
    slot.reader = reader;
    slot.reader_id = index_.add_reader(std::move(reader));
    for (const FeedView::Entry& entry : view.entries()) {
        slot.subscriptions.push_back(index_.add({.table = entry.table,
                                                 .rule = entry.rule,
                                                 .reader = slot.reader_id,
                                                 .kinds = every_kind,
                                                 .filter = entry.filter,
                                                 .delivery = DeliveryId{},
                                                 .subscriber = static_cast<SubscriberId>(number)}));
    }
    for (const std::string& table : view.dependencies()) by_dependency_[table].insert(number);
    return static_cast<WaiterId>(number);
}

void FeedHub::set_reader(WaiterId id, std::shared_ptr<const policy::Reader> reader) {
    Slot& slot = waiters_[static_cast<std::uint32_t>(id)];
    slot.reader = reader;
    index_.set_reader(slot.reader_id, std::move(reader));
}

void FeedHub::remove(WaiterId id) {
    const auto number = static_cast<std::uint32_t>(id);
    Slot& slot = waiters_[number];
    for (const SubscriptionId subscription : slot.subscriptions) index_.remove(subscription);
    index_.remove_reader(slot.reader_id);
    for (const std::string& table : slot.view->dependencies()) {
        const auto waiting = by_dependency_.find(table);
        waiting->second.erase(number);
        if (waiting->second.empty()) by_dependency_.erase(waiting);
    }
    slot = Slot{};
    free_.push_back(number);
}

void FeedHub::publish(const ChangeBatch& commit) {
    position_ = commit->back().position;
    if (size() == 0) return;
    for (const Change& change : *commit) {
        const auto depending = by_dependency_.find(change.table);
        if (depending != by_dependency_.end()) {
            for (const std::uint32_t number : depending->second) {
                const Slot& slot = waiters_[number];
                if (slot.view->may_change_rights(change, *slot.reader)) slot.waiter->wake();
            }
        }
        matches_.clear();
        index_.match(change, matches_);
        for (const Match& match : matches_)
            waiters_[static_cast<std::uint32_t>(match.subscriber)].waiter->wake();
    }
}

void FeedHub::change_rights(const std::vector<std::string>& ended_sessions,
                            const std::vector<std::string>& changed_users) {
    for (const Slot& slot : waiters_) {
        if (slot.waiter == nullptr) continue;
        const Identity& identity = slot.reader->identity;
        const bool ended =
            std::ranges::find(ended_sessions, identity.session_id) != ended_sessions.end();
        const bool changed =
            std::ranges::find(changed_users, identity.user_id) != changed_users.end();
        if (ended || changed) slot.waiter->wake();
    }
}

void FeedHub::stop() {
    stopping_ = true;
    for (const Slot& slot : waiters_) {
        if (slot.waiter != nullptr) slot.waiter->wake();
    }
}

}  // namespace dunlin::realtime
