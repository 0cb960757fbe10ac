#include <algorithm>
#include <chrono>
#include <utility>

#include "core/limits.h"
#include "realtime/shard_implementation.h"

namespace dunlin::realtime {

namespace {

/// Changes of a commit up to which it is looked whose rights they may change: over it, everybody's.
constexpr std::size_t judged_changes_max = 100;

}  // namespace

void Shard::Implementation::publish(const ChangeBatch& batch) {
    const Busy busy(*this);
    Held held{++published_, last_dependency_sequence_, batch, {}};
    for (const Change& change : *batch) {
        if (!dependencies_.contains(change.table)) continue;
        const auto known = std::ranges::find(held.dependencies, change.table);
        if (known == held.dependencies.end()) held.dependencies.push_back(change.table);
    }
    if (!held.dependencies.empty()) last_dependency_sequence_ = held.sequence;
    if (!batch->empty()) published_position_ = batch->back().position;
    held_.push_back(std::move(held));
    finish_moves();
    drain();
    if (held_.size() > limits::held_batches_max) overflow();
}

void Shard::Implementation::drain() {
    if (draining_ || drain_planned_) return;
    draining_ = true;
    const std::uint64_t frames_max = counted_.frames + limits::frames_per_turn_max;
    std::size_t changes_left = limits::changes_per_turn_max;
    while (!held_.empty() && holds_ == 0 && (next_change_ > 0 || is_ready(held_.front()))) {
        const ChangeBatch batch = held_.front().batch;
        if (next_change_ == 0) frames_before_commit_ = counted_.frames;
        while (next_change_ < batch->size()) {
            if (counted_.frames >= frames_max || changes_left-- == 0) {
                draining_ = false;
                return drain_later();
            }
            const Change& change = (*batch)[next_change_++];
            deliver(change, batch->back().position);
            delivered_ = change.position;
        }
        next_change_ = 0;
        held_.pop_front();
        finish_commit(*batch);
    }
    draining_ = false;
}

/// Lets the sockets be read and written before the rest of a large commit.
void Shard::Implementation::drain_later() {
    drain_planned_ = true;
    host_.call_after(std::chrono::milliseconds(0), [this, alive = std::weak_ptr<char>(alive_)] {
        if (alive.expired()) return;
        const Busy busy(*this);
        drain_planned_ = false;
        drain();
    });
}

void Shard::Implementation::finish_commit(const std::vector<Change>& batch) {
    if (batch.empty()) return;
    if (!doubtful_.empty()) settle_doubts(batch);
    note_delivered(batch, counted_.frames > frames_before_commit_);
    for (const std::uint32_t slot : std::exchange(ahead_, {})) {
        // By now it may be the slot of another channel, whose join is not answered yet.
        Channel* channel = channels_[slot];
        if (channel == nullptr || !channel->joined || channel->reading_log) continue;
        if (channel->caught_up_to) end_replay(*channel);
    }
}

void Shard::Implementation::note_delivered(const std::vector<Change>& batch, bool concerned) {
    if (batch.empty()) return;
    counted_.delivered = batch.back().position;
    if (!concerned) return;
    const std::int64_t latency_us = clock_.now_us() - batch.front().commit_time_us;
    // The wall clock may have been set back in between.
    counted_.latency_us.observe(static_cast<std::uint64_t>(std::max<std::int64_t>(latency_us, 0)));
}

/// A commit that changes who may see what is delivered under the rights after it. Starts the loads
/// that are missing.
bool Shard::Implementation::is_ready(const Held& held) {
    if (held.dependencies.empty()) return true;
    const Held commit =
        held;  // A load that fails at once may end all channels, and all that waits.
    for (const std::uint64_t serial : pool_.serials()) {
        Principal* principal = pool_.find(serial);
        if (principal == nullptr || principal->loaded_sequence >= commit.sequence) continue;
        if (!may_change_rights(commit, *principal)) {
            const bool is_known = principal->loaded_sequence >= commit.dependency_before;
            if (is_known) principal->loaded_sequence = commit.sequence;
            continue;
        }
        const bool concerned = std::ranges::any_of(
            commit.dependencies,
            [&](const std::string& table) { return principal->dependencies.contains(table); });
        if (concerned) hold(*principal, commit.sequence);
    }
    return holds_ == 0;
}

/// False when no set of its reader can be another after the commit: the memberships in it are those
/// of others. That is not looked for in large commits.
bool Shard::Implementation::may_change_rights(const Held& commit,
                                              const Principal& principal) const {
    if (!principal.rights || commit.batch->size() > judged_changes_max) return true;
    return std::ranges::any_of(*commit.batch, [&](const Change& change) {
        if (!dependencies_.contains(change.table)) return false;
        const auto& sets = principal.rights->sets;
        for (std::size_t set = 0; set < sets.size(); ++set) {
            if (sets[set] && rules_->may_change_set(set, change, *principal.rights)) return true;
        }
        return false;
    });
}

void Shard::Implementation::hold(Principal& principal, std::uint64_t needed_sequence) {
    principal.needed_sequence = std::max(principal.needed_sequence, needed_sequence);
    hold_back(principal);
    pool_.load(principal, published_);
}

void Shard::Implementation::hold_back(Principal& principal) {
    if (principal.held) return;
    principal.held = true;
    principal.held_since_us = clock_.now_us();
    ++holds_;
}

void Shard::Implementation::release_hold(Principal& principal) {
    if (!principal.held) return;
    principal.held = false;
    --holds_;
}

void Shard::Implementation::leave_principal(Principal& principal, std::uint32_t slot) {
    const bool last = principal.channels.size() == 1 && principal.channels.contains(slot);
    if (last) release_hold(principal);
    pool_.leave(principal, slot);
}

void Shard::Implementation::reader_loaded(Principal& principal, const Result<void>& outcome) {
    const Busy busy(*this);
    if (!outcome) {
        ++counted_.reader_failures;
        fail_principal(principal, Whose::ChannelsWithChanges, "postgres_changes",
                       "Unable to load the rights of this channel: " + outcome.error().message);
        drain();
        return;
    }
    const std::uint64_t serial = principal.serial;
    if (!principal.rights_before && took_detour(principal)) tell_of_detour(principal);
    if (principal.rights_before && !principal.moving) move_rows(principal);
    if (!principal.moving) settle_rights(principal);

    authorize_again(serial);
    Principal* still = pool_.find(serial);
    if (still == nullptr) return drain();
    const std::vector<std::uint32_t> slots(still->channels.begin(), still->channels.end());
    for (const std::uint32_t slot : slots) {
        Channel* channel = channels_[slot];
        if (channel != nullptr && channel->pending != nullptr &&
            channel->pending->serial == serial) {
            activate(*channel);
        }
    }
    drain();
}

/// Lets the commits go on that waited for it, or loads the rights once more.
void Shard::Implementation::settle_rights(Principal& principal) {
    const bool satisfied = principal.loaded_sequence >= principal.needed_sequence;
    if (satisfied) return release_hold(principal);
    if (principal.held) pool_.load(principal, published_);
}

/// Ends what needs the reader: nothing may be delivered under rights that are not known.
void Shard::Implementation::fail_principal(Principal& principal, Whose whose,
                                           std::string_view extension, const std::string& message) {
    const std::vector<std::uint32_t> slots(principal.channels.begin(), principal.channels.end());
    const std::uint64_t serial = principal.serial;
    for (const std::uint32_t slot : slots) {
        Channel* channel = channels_[slot];
        if (channel == nullptr) continue;
        const auto is_it = [&](const Principal* other) {
            return other != nullptr && other->serial == serial;
        };
        if (is_it(channel->active) && channel->pending != nullptr && !is_it(channel->pending)) {
            // A newer token is on its way; until then it hears nothing, and afterwards all of it.
            if (channel->joined && !channel->subscriptions.empty() && !channel->caught_up_to)
                channel->caught_up_to = delivered_;
            unsubscribe(*channel);
            continue;
        }
        const bool spared = whose == Whose::ChannelsWithChanges && channel->bindings.empty() &&
                            channel->privacy == Privacy::Public;
        if (channel->joined && spared) continue;
        if (channel->joined) {
            fail_channel(*channel, extension, message);
            continue;
        }
        const bool expired = whose == Whose::EveryChannel;
        refuse_join(*channel,
                    (expired ? "InvalidJWTToken: " : "UnableToConnectToProject: ") + message);
    }
    Principal* still = pool_.find(serial);
    if (still != nullptr) release_hold(*still);  // Only channels without subscriptions are left.
}

/// The clients of all changes join again, which brings them to the present.
void Shard::Implementation::overflow() {
    held_.clear();
    next_change_ = 0;
    delivered_ = published_position_;  // To nobody: all who follow changes begin anew.
    stored_here_.clear();
    std::vector<Channel*> all = channels_;
    for (Channel* channel : all) {
        if (channel == nullptr) continue;
        if (channel->subscriptions.empty() && channel->privacy == Privacy::Public) continue;
        if (channels_[channel->slot] != channel) continue;
        fail_channel(*channel, "postgres_changes", "Too many changes are waiting; join again");
    }
}

void Shard::Implementation::deliver(const Change& change, Position commit) {
    deliver_stored(change);
    const auto table = tables_.find(change.table);
    if (table == tables_.end()) return;
    matches_.clear();
    const std::uint64_t candidates_before = index_.candidates();
    index_.match(change, matches_);
    const std::uint64_t candidates = index_.candidates() - candidates_before;
    ++counted_.changes;
    counted_.matches += matches_.size();
    counted_.candidates_per_change.observe(candidates);
    TableActivity& activity = activity_[table->second];
    ++activity.changes;
    activity.candidates += candidates;
    activity.matches += matches_.size();
    activity.frames += send_matches(change, commit);
}

std::size_t Shard::Implementation::send_matches(const Change& change, Position commit) {
    if (matches_.empty()) return 0;
    const Table& table = *tables_.at(change.table);
    std::size_t frames = 0;
    for (const FanOut::Sending& sending :
         fan_out_.encode(table, change, commit, matches_, channels_)) {
        Channel& channel = *channels_[sending.channel];
        ++channel.delivered;
        ++frames;
        send(*channel.client, sending.frame);
    }
    return frames;
}

void Shard::Implementation::tick() {
    const Busy busy(*this);
    const std::int64_t now_us = clock_.now_us();
    counted_.last_tick_us = now_us;
    const std::int64_t now_s = now_us / 1'000'000;
    constexpr std::int64_t held_us_max =
        std::chrono::duration_cast<std::chrono::microseconds>(limits::reader_timeout).count();
    for (const std::uint64_t serial : pool_.serials()) {
        Principal* principal = pool_.find(serial);
        if (principal == nullptr) continue;
        const std::int64_t expires_at_s = principal->identity.expires_at_s;
        if (expires_at_s != 0 && now_s >= expires_at_s) {
            fail_principal(
                *principal, Whose::EveryChannel, "system",
                "Token has expired " + std::to_string(now_s - expires_at_s) + " seconds ago");
        } else if (principal->held && now_us - principal->held_since_us > held_us_max) {
            fail_principal(*principal, Whose::ChannelsWithChanges, "postgres_changes",
                           "Unable to load the rights of this channel in time");
        }
    }
    drain();
}

}  // namespace dunlin::realtime
