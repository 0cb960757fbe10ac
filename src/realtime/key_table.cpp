#include "realtime/key_table.h"

#include <utility>

#include "core/check.h"

namespace dunlin::realtime {

namespace {
constexpr std::size_t slots_at_first = 64;
}

KeyTable::KeyTable() : slots_(slots_at_first), mask_(slots_at_first - 1) {}

std::uint32_t& KeyTable::at(std::uint64_t key) {
    if (size_ * 4 >= slots_.size() * 3) grow();
    std::uint64_t i = key & mask_;
    while (slots_[i].used != 0 && slots_[i].key != key) i = (i + 1) & mask_;
    if (slots_[i].used == 0) {
        slots_[i] = Slot{key, absent, 1};
        ++size_;
    }
    return slots_[i].number;
}

std::uint32_t KeyTable::find(std::uint64_t key) const {
    for (std::uint64_t i = key & mask_; slots_[i].used != 0; i = (i + 1) & mask_) {
        if (slots_[i].key == key) return slots_[i].number;
    }
    return absent;
}

/// Moves what probed past the hole back into it (Knuth, volume 3, algorithm 6.4 R).
void KeyTable::erase(std::uint64_t key) {
    std::uint64_t hole = key & mask_;
    while (slots_[hole].used != 0 && slots_[hole].key != key) hole = (hole + 1) & mask_;
    CHECK(slots_[hole].used != 0);
    for (std::uint64_t i = (hole + 1) & mask_; slots_[i].used != 0; i = (i + 1) & mask_) {
        const std::uint64_t wanted = slots_[i].key & mask_;
        if (((i - wanted) & mask_) < ((i - hole) & mask_)) continue;  // It is not past its place.
        slots_[hole] = slots_[i];
        hole = i;
    }
    slots_[hole] = Slot{};
    --size_;
}

void KeyTable::grow() {
    const std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
    mask_ = slots_.size() - 1;
    for (const Slot& slot : before) {
        if (slot.used == 0) continue;
        std::uint64_t i = slot.key & mask_;
        while (slots_[i].used != 0) i = (i + 1) & mask_;
        slots_[i] = slot;
    }
}

}  // namespace dunlin::realtime
