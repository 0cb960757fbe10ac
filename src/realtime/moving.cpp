#include <algorithm>
#include <ranges>
#include <utility>

#include "core/limits.h"
#include "realtime/shard_implementation.h"

/// Rows that come into sight or go out of it because a membership was granted or withdrawn, without
/// a change of their own. Their channels are told before the commit that did it goes on.
namespace dunlin::realtime {

namespace {

/// The primary key; the whole row where there is none.
Row key_of(const Table& table, const Row& row) {
    const auto& columns = table.primary_key.columns;
    if (columns.empty()) return row;
    Row key;
    for (const std::size_t column : columns) {
        key.push_back(column < row.size() ? row[column] : Value());
    }
    return key;
}

struct KeyHash {
    std::size_t operator()(const Row& key) const {
        std::size_t hash = 0;
        for (const Value& value : key) hash = hash * 31 + value.hash();
        return hash;
    }
};

/// What is in one of them only; NULL too when one of them is empty, because NULL IN () is false.
std::vector<Value> difference(const policy::ValueSet& left, const policy::ValueSet& right) {
    std::vector<Value> values;
    for (const Value& value : left) {
        if (!right.contains(value)) values.push_back(value);
    }
    for (const Value& value : right) {
        if (!left.contains(value)) values.push_back(value);
    }
    if (left.empty() != right.empty()) values.emplace_back();
    return values;
}

/// The rows for which a rule may say something else than before. Nothing when the set is the same.
std::vector<RowsWanted> concerned_rows(const Table& table, const policy::RowRule& rule,
                                       std::size_t set, const policy::Reader& before,
                                       const policy::Reader& after) {
    static const policy::ValueSet none;
    const auto& left = before.sets.at(set) ? *before.sets.at(set) : none;
    const auto& right = after.sets.at(set) ? *after.sets.at(set) : none;
    if (left == right) return {};
    const auto values = difference(left, right);
    const auto columns = rule.columns_in_set(set);
    // x IN (…, NULL) is never false: every row may be concerned.
    const bool null_moved = left.contains(Value()) != right.contains(Value());
    if (columns.empty() || null_moved || values.size() > limits::moved_keys_max) return {{&table}};
    std::vector<RowsWanted> wanted;
    for (const std::size_t column : columns) wanted.push_back({&table, column, values});
    return wanted;
}

}  // namespace

/// Whether rights may have been withdrawn and granted again before they were loaded, so that they
/// look as if nothing had been.
bool Shard::Implementation::took_detour(const Principal& principal) const {
    // The rights are those after the commits up to the load's begin, and perhaps after later ones.
    return std::ranges::count_if(held_, [&](const Held& held) {
               return !held.dependencies.empty() && held.sequence > principal.loaded_before &&
                      may_change_rights(held, principal);
           }) > 1;
}

/// Who has read its rows in between cannot know.
void Shard::Implementation::tell_of_detour(const Principal& principal) {
    const std::vector<std::uint32_t> slots(principal.channels.begin(), principal.channels.end());
    for (const std::uint32_t slot : slots) {
        Channel* channel = channels_[slot];
        if (channel == nullptr || channel->active != &principal || !channel->joined) continue;
        const bool concerned =
            std::ranges::any_of(channel->subscriptions, [](const Channel::Subscribed& subscribed) {
                return subscribed.live && !subscribed.what.rule->sets_used().empty();
            });
        if (!concerned) continue;
        send_system(*channel, "resume", "error", "resync: what you may read has changed and back");
    }
}

void Shard::Implementation::move_rows(Principal& principal) {
    auto wanted = rows_to_move(principal);
    if (wanted.empty()) {
        principal.rights_before.reset();
        return;
    }
    principal.moving = true;
    hold_back(principal);
    Move move{.principal = principal.serial,
              .before = principal.rights_before,
              .after = principal.rights,
              .wanted = wanted};
    host_.read_rows(std::move(wanted), [this, alive = std::weak_ptr<char>(alive_),
                                        move = std::move(move)](Result<StoredRows> rows) mutable {
        if (alive.expired()) return;
        const Busy busy(*this);
        take_rows(std::move(move), std::move(rows));
        drain();
    });
}

std::vector<RowsWanted> Shard::Implementation::rows_to_move(const Principal& principal) const {
    std::vector<RowsWanted> wanted;
    std::set<std::pair<const Table*, std::size_t>> asked;
    for (const std::uint32_t slot : principal.channels) {
        const Channel& channel = *channels_[slot];
        if (channel.active != &principal) continue;
        for (const Channel::Subscribed& subscribed : channel.subscriptions) {
            const Subscription& what = subscribed.what;
            if (!subscribed.live) continue;
            for (const std::size_t set : what.rule->sets_used()) {
                if (!asked.insert({what.table, set}).second) continue;
                auto more = concerned_rows(*what.table, *what.rule, set, *principal.rights_before,
                                           *principal.rights);
                std::ranges::move(more, std::back_inserter(wanted));
            }
        }
    }
    return wanted;
}

void Shard::Implementation::take_rows(Move move, Result<StoredRows> rows) {
    Principal* principal = pool_.find(move.principal);
    if (principal == nullptr || !principal->moving) return;
    if (!rows) {
        principal->moving = false;
        principal->rights_before.reset();
        return fail_principal(*principal, Whose::ChannelsWithChanges, "postgres_changes",
                              "Unable to read what you may see now: " + rows.error().message);
    }
    move.found = std::move(*rows);
    moves_.push_back(std::move(move));
    finish_moves();
}

void Shard::Implementation::finish_moves() {
    const auto is_due = [&](const Move& move) {
        return move.found.position <= published_position_;
    };
    const auto waiting = std::ranges::partition(moves_, is_due);
    std::vector<Move> due(std::make_move_iterator(moves_.begin()),
                          std::make_move_iterator(waiting.begin()));
    moves_.erase(moves_.begin(), waiting.begin());
    for (const Move& move : due) finish_move(move);
}

void Shard::Implementation::finish_move(const Move& move) {
    Principal* principal = pool_.find(move.principal);
    if (principal == nullptr || !principal->moving) return;
    principal->moving = false;
    if (principal->rights != move.after) {  // They changed once more, maybe back.
        move_rows(*principal);
        if (!principal->moving) settle_rights(*principal);
        return;
    }
    principal->rights_before.reset();
    const std::vector<std::uint32_t> slots(principal->channels.begin(), principal->channels.end());
    for (const std::uint32_t slot : slots) {
        Channel* channel = channels_[slot];
        if (channel == nullptr || channel->active != principal) continue;
        const auto commit = commit_of(move, *channel);
        if (move.found.complete && commit) {
            send_moved(*channel, move, *commit);
        } else if (!channel->subscriptions.empty()) {
            send_system(*channel, "resume", "error",
                        "resync: what you may read has changed by more than " +
                            (commit ? std::to_string(limits::moved_rows_max) + " rows"
                                    : std::string("one commit")));
        }
    }
    principal = pool_.find(move.principal);
    if (principal != nullptr) settle_rights(*principal);
}

/// Of which commit the rights are: the next one to hand out, or the last one when it is here
/// already. Nothing when others before or after it come into question too: a client that has read
/// the rows as of some moment between them could not tell which of the moved rows it knows, and in
/// which state.
std::optional<Position> Shard::Implementation::commit_of(const Move& move,
                                                         const Channel& channel) const {
    std::optional<Position> first;
    std::vector<Position> questionable;
    for (const Held& held : held_) {
        if (held.batch->empty()) continue;
        const Position end = held.batch->back().position;
        if (end > move.found.position) break;
        if (!first) first = end;
        const bool matters = !held.dependencies.empty() && changes_rights(channel, *held.batch);
        if (matters) questionable.push_back(end);
    }
    if (questionable.empty()) return delivered_;
    if (questionable.size() > 1 || questionable.front() != *first) return std::nullopt;
    return first;
}

/// The rows that were asked for as the channels know them: after the last commit handed out. Of
/// what was committed since then, all is here and takes itself back.
std::vector<Row> Shard::Implementation::rows_before(const Move& move, const Table& table) const {
    std::unordered_map<Row, Row, KeyHash> rows;
    for (std::size_t i = 0; i < move.wanted.size(); ++i) {
        if (move.wanted[i].table != &table) continue;
        for (const Row& row : move.found.rows.at(i)) rows[key_of(table, row)] = row;
    }
    const std::string name = table.storage_name();
    for (const Held& held : std::views::reverse(held_)) {
        for (const Change& change : std::views::reverse(*held.batch)) {
            if (change.table != name || change.position > move.found.position) continue;
            if (next_change_ > 0 && change.position <= delivered_) continue;
            if (change.kind != ChangeKind::Delete) rows.erase(key_of(table, change.new_row));
            if (change.kind == ChangeKind::Insert) continue;
            rows[key_of(table, change.old_row)] = change.old_row;
        }
    }
    std::vector<Row> before;
    for (auto& [key, row] : rows) before.push_back(std::move(row));
    return before;
}

void Shard::Implementation::send_moved(Channel& channel, const Move& move, Position commit) {
    std::set<const Table*> tables;
    for (const Channel::Subscribed& subscribed : channel.subscriptions) {
        if (subscribed.live) tables.insert(subscribed.what.table);
    }
    for (const Table* table : tables) {
        for (const Row& row : rows_before(move, *table)) {
            matches_.clear();
            for (const Channel::Subscribed& subscribed : channel.subscriptions) {
                const Subscription& what = subscribed.what;
                if (what.table != table || !subscribed.live) continue;
                if (what.filter && !what.filter->matches(row)) continue;
                const bool saw = what.rule->allows(row, *move.before);
                if (saw == what.rule->allows(row, *move.after)) continue;
                const ChangeKind kind = saw ? ChangeKind::Delete : ChangeKind::Insert;
                if ((what.kinds & kind_bit(kind)) == 0) continue;
                matches_.push_back({what.subscriber, what.delivery, kind});
            }
            if (matches_.empty()) continue;
            send_matches({.table = table->storage_name(),
                          .kind = ChangeKind::Update,
                          .old_row = row,
                          .new_row = row,
                          .commit_time_us = clock_.now_us()},
                         commit);
            if (channel.client->deaf) return;
        }
    }
}

}  // namespace dunlin::realtime
