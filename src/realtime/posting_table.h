#pragma once

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "realtime/key_table.h"

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

    std::size_t count(std::uint64_t key) const;
    /// Appends the entries under every key. The lookups wait for memory together.
    void collect(std::span<const std::uint64_t> keys, std::vector<std::uint32_t>& entries) const;

private:
    struct alignas(64) List {
        std::uint64_t key = 0;
        boost::container::small_vector<std::uint32_t, 8> entries;
    };
    static constexpr std::size_t chunk_size = 1024;

    List& list(std::uint32_t id) { return chunks_[id / chunk_size][id % chunk_size]; }
    const List& list(std::uint32_t id) const { return chunks_[id / chunk_size][id % chunk_size]; }
    std::uint32_t new_list();

    KeyTable list_of_key_;
    // In chunks, so that growing never moves the lists.
    std::vector<std::unique_ptr<List[]>> chunks_;
    std::uint32_t list_count_ = 0;
    std::vector<std::uint32_t> free_lists_;
};

}  // namespace dunlin::realtime
