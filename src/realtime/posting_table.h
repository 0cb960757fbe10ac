#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace dunlin::realtime {

/// Lists of entries by key. Adding, removing and finding cost a lookup each, however long the list.
/// Belongs to one loop.
class PostingTable {
public:
    /// Where an entry stands; the owner of the entry keeps it to remove the entry again.
    struct Place {
        std::uint32_t list = 0;
        std::uint32_t position = 0;
    };
    /// An entry that changed its position in a list because another was removed.
    struct Moved {
        bool happened = false;
        std::uint32_t entry = 0;
        Place from;
        Place to;
    };

    Place add(std::uint64_t key, std::uint32_t entry);
    Moved remove(Place place);

    /// Valid until the next add or remove.
    std::span<const std::uint32_t> find(std::uint64_t key) const;

private:
    struct List {
        std::uint64_t key = 0;
        boost::container::small_vector<std::uint32_t, 4> entries;
    };

    boost::unordered_flat_map<std::uint64_t, std::uint32_t> list_of_key_;
    std::deque<List> lists_;  // A deque, because lists must not move while the table grows.
    std::vector<std::uint32_t> free_lists_;
};

}  // namespace dunlin::realtime
