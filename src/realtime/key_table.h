#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dunlin::realtime {

/// A hash table from mixed 64-bit keys (mix_keys) to numbers, with linear probing. Unlike the
/// standard ones it can be asked to fetch what a later lookup will read, so that several lookups
/// wait for memory together. Belongs to one loop.
class KeyTable {
public:
    static constexpr std::uint32_t absent = UINT32_MAX;

    KeyTable();

    /// The number under `key`, absent at first. Valid until the next insert or erase.
    std::uint32_t& at(std::uint64_t key);
    /// absent when there is none.
    std::uint32_t find(std::uint64_t key) const;
    void prefetch(std::uint64_t key) const { __builtin_prefetch(&slots_[key & mask_]); }
    void erase(std::uint64_t key);

private:
    struct Slot {
        std::uint64_t key = 0;
        std::uint32_t number = absent;
        std::uint32_t used = 0;
    };
    void grow();

    std::vector<Slot> slots_;
    std::uint64_t mask_;
    std::size_t size_ = 0;
};

}  // namespace dunlin::realtime
