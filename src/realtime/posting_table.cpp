#include "realtime/posting_table.h"

#include <algorithm>
#include <array>

#include "core/check.h"

namespace dunlin::realtime {

std::uint32_t PostingTable::new_list() {
    if (!free_lists_.empty()) {
        const std::uint32_t id = free_lists_.back();
        free_lists_.pop_back();
        return id;
    }
    if (list_count_ == chunks_.size() * chunk_size) {
        chunks_.push_back(std::make_unique<List[]>(chunk_size));
    }
    return list_count_++;
}

PostingTable::Place PostingTable::add(std::uint64_t key, std::uint32_t entry) {
    std::uint32_t& id = list_of_key_.at(key);
    if (id == KeyTable::absent) {
        id = new_list();
        list(id).key = key;
    }
    auto& entries = list(id).entries;
    entries.push_back(entry);
    return {id, static_cast<std::uint32_t>(entries.size() - 1)};
}

PostingTable::Moved PostingTable::remove(Place place) {
    List& from = list(place.list);
    CHECK(place.position < from.entries.size());
    const auto last = static_cast<std::uint32_t>(from.entries.size() - 1);
    Moved moved;
    if (place.position != last) {
        moved = {true, from.entries.back(), {place.list, last}, place};
        from.entries[place.position] = from.entries.back();
    }
    from.entries.pop_back();
    if (from.entries.empty()) {
        list_of_key_.erase(from.key);
        from.entries.shrink_to_fit();
        free_lists_.push_back(place.list);
    }
    return moved;
}

std::size_t PostingTable::count(std::uint64_t key) const {
    const std::uint32_t id = list_of_key_.find(key);
    return id == KeyTable::absent ? 0 : list(id).entries.size();
}

void PostingTable::collect(std::span<const std::uint64_t> keys,
                           std::vector<std::uint32_t>& entries) const {
    constexpr std::size_t block = 32;
    std::array<const List*, block> found{};
    for (; !keys.empty(); keys = keys.subspan(std::min(block, keys.size()))) {
        const auto some = keys.first(std::min(block, keys.size()));
        for (const std::uint64_t key : some) list_of_key_.prefetch(key);
        for (std::size_t i = 0; i < some.size(); ++i) {
            const std::uint32_t id = list_of_key_.find(some[i]);
            found[i] = id == KeyTable::absent ? nullptr : &list(id);
            if (found[i] != nullptr) __builtin_prefetch(found[i]);
        }
        for (std::size_t i = 0; i < some.size(); ++i) {
            if (found[i] != nullptr) __builtin_prefetch(found[i]->entries.data());
        }
        for (std::size_t i = 0; i < some.size(); ++i) {
            if (found[i] == nullptr) continue;
            entries.insert(entries.end(), found[i]->entries.begin(), found[i]->entries.end());
        }
    }
}

}  // namespace dunlin::realtime
