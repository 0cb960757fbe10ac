#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <vector>

namespace dunlin::realtime {

/// Sets of closed intervals by key, each a treap ordered by the lower end that knows the greatest upper
/// end below every node (Cormen et al., Introduction to Algorithms, "Augmenting Data Structures").
/// insert and remove cost O(log n) expected, stab O(log n) for each interval found at most. Belongs to
/// one loop.
class IntervalForest {
public:
    void insert(std::uint64_t key, std::uint64_t low, std::uint64_t high, std::uint32_t entry);
    /// The same arguments as of insert.
    void remove(std::uint64_t key, std::uint64_t low, std::uint32_t entry);

    /// Appends the entries whose intervals contain `point`.
    void stab(std::uint64_t key, std::uint64_t point, std::vector<std::uint32_t>& entries) const;
    /// Appends every entry of the set.
    void collect(std::uint64_t key, std::vector<std::uint32_t>& entries) const;

private:
    static constexpr std::uint32_t none = UINT32_MAX;
    struct Node {
        std::uint64_t low = 0;
        std::uint64_t high = 0;
        std::uint64_t high_max = 0;  // of the whole subtree
        std::uint32_t left = none;
        std::uint32_t right = none;
        std::uint32_t priority = 0;
        std::uint32_t entry = 0;
    };

    bool before(std::uint32_t node, std::uint64_t low, std::uint32_t entry) const;
    void update(std::uint32_t node);
    /// Nodes before (low, entry) go left, the others right.
    void split(std::uint32_t node, std::uint64_t low, std::uint32_t entry, std::uint32_t& left,
               std::uint32_t& right);
    std::uint32_t merge(std::uint32_t left, std::uint32_t right);
    std::uint32_t insert_at(std::uint32_t node, std::uint32_t added);
    std::uint32_t remove_at(std::uint32_t node, std::uint64_t low, std::uint32_t entry);
    void stab_at(std::uint32_t node, std::uint64_t point,
                 std::vector<std::uint32_t>& entries) const;
    void collect_at(std::uint32_t node, std::vector<std::uint32_t>& entries) const;

    boost::unordered_flat_map<std::uint64_t, std::uint32_t> root_of_key_;
    std::vector<Node> nodes_;
    std::vector<std::uint32_t> free_nodes_;
    std::uint64_t random_ = 0x2545F4914F6CDD1DULL;  // Priorities shape the trees and nothing else.
};

}  // namespace dunlin::realtime
