#include "realtime/posting_table.h"

#include "core/check.h"

namespace dunlin::realtime {

PostingTable::Place PostingTable::add(std::uint64_t key, std::uint32_t entry) {
    const auto [found, inserted] = list_of_key_.try_emplace(key, 0U);
    if (inserted) {
        if (free_lists_.empty()) {
            found->second = static_cast<std::uint32_t>(lists_.size());
            lists_.emplace_back();
        } else {
            found->second = free_lists_.back();
            free_lists_.pop_back();
        }
        lists_[found->second].key = key;
    }
    List& list = lists_[found->second];
    list.entries.push_back(entry);
    return {found->second, static_cast<std::uint32_t>(list.entries.size() - 1)};
}

PostingTable::Moved PostingTable::remove(Place place) {
    List& list = lists_[place.list];
    CHECK(place.position < list.entries.size());
    const auto last = static_cast<std::uint32_t>(list.entries.size() - 1);
    Moved moved;
    if (place.position != last) {
        moved = {true, list.entries.back(), {place.list, last}, place};
        list.entries[place.position] = list.entries.back();
    }
    list.entries.pop_back();
    if (list.entries.empty()) {
        list_of_key_.erase(list.key);
        list.entries.shrink_to_fit();
        free_lists_.push_back(place.list);
    }
    return moved;
}

std::span<const std::uint32_t> PostingTable::find(std::uint64_t key) const {
    const auto found = list_of_key_.find(key);
    if (found == list_of_key_.end()) return {};
    const List& list = lists_[found->second];
    return {list.entries.data(), list.entries.size()};
}

}  // namespace dunlin::realtime
