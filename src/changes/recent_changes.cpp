#include "changes/recent_changes.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "core/check.h"

namespace dunlin::changes {

namespace {

/// About what a change takes in memory.
std::size_t bytes_of(const Change& change) {
    std::size_t bytes = sizeof(Change) + change.table.size();
    for (const Row* row : {&change.old_row, &change.new_row}) {
        bytes += row->size() * sizeof(Value);
        for (const Value& value : *row) {
            if (value.is_text()) bytes += value.text().size();
            if (value.is_blob()) bytes += value.bytes().size();
        }
    }
    return bytes;
}

/// The part of a commit after a position inside it.
ChangeBatch rest_of(const ChangeBatch& commit, Position after) {
    const auto begin = std::ranges::upper_bound(*commit, after, {}, &Change::position);
    return std::make_shared<const std::vector<Change>>(begin, commit->end());
}

}  // namespace

RecentChanges::RecentChanges(Position last, std::size_t bytes_max)
    : bytes_max_(bytes_max), before_(last), last_(last) {}

void RecentChanges::append(ChangeBatch commit) {
    CHECK(!commit->empty());
    std::size_t bytes = 0;
    for (const Change& change : *commit) bytes += bytes_of(change);
    std::vector<ChangeBatch> dropped;  // freed after the lock
    const std::lock_guard lock(mutex_);
    CHECK(commit->front().position.sequence == last_.sequence + 1);
    last_ = commit->back().position;
    bytes_ += bytes;
    commits_.push_back({std::move(commit), bytes});
    while (bytes_ > bytes_max_ && commits_.size() > 1) {
        before_ = commits_.front().commit->back().position;
        bytes_ -= commits_.front().bytes;
        dropped.push_back(std::move(commits_.front().commit));
        commits_.pop_front();
    }
}

Position RecentChanges::last() const {
    const std::lock_guard lock(mutex_);
    return last_;
}

std::optional<std::vector<ChangeBatch>> RecentChanges::read_after(Position after,
                                                                  std::size_t changes_max) const {
    std::vector<ChangeBatch> found;
    {
        const std::lock_guard lock(mutex_);
        if (after.epoch != last_.epoch || after < before_ || after > last_) return std::nullopt;
        auto held = std::ranges::upper_bound(
            commits_, after, {}, [](const Held& each) { return each.commit->back().position; });
        std::size_t changes = 0;
        std::size_t bytes = 0;
        for (; held != commits_.end(); ++held) {
            if (changes >= changes_max || bytes >= limits::log_read_bytes_max) break;
            changes += held->commit->size();
            bytes += held->bytes;
            found.push_back(held->commit);
        }
    }
    if (!found.empty() && found.front()->front().position <= after)
        found.front() = rest_of(found.front(), after);
    return found;
}

}  // namespace dunlin::changes
