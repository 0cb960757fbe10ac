#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "realtime/key_table.h"

namespace dunlin::realtime {

/// Sets of closed intervals by key, each a B-tree ordered by (lower end, entry) that knows the
/// greatest upper end below every branch (Cormen et al., Introduction to Algorithms, "Augmenting
/// Data Structures"; wide nodes because a node is a wait for memory). insert and remove cost O(log
/// n), stab O(log n) for each interval found at most. Belongs to one loop.
class IntervalForest {
public:
    void insert(std::uint64_t key, std::uint64_t low, std::uint64_t high, std::uint32_t entry);
    /// The same arguments as of insert.
    void remove(std::uint64_t key, std::uint64_t low, std::uint32_t entry);

    void prefetch(std::uint64_t key) const { root_of_key_.prefetch(key); }
    /// Appends the entries whose intervals contain `point`.
    void stab(std::uint64_t key, std::uint64_t point, std::vector<std::uint32_t>& entries) const;
    /// Appends every entry of the set.
    void collect(std::uint64_t key, std::vector<std::uint32_t>& entries) const;

private:
    static constexpr std::uint32_t none = UINT32_MAX;
    static constexpr std::uint32_t branches_max = 16;
    static constexpr std::size_t chunk_size = 256;

    /// One interval in a leaf, one child in another node: then `low` and `entry` are the child's
    /// least or less, `high` is its greatest.
    struct Branch {
        std::uint64_t low = 0;
        std::uint64_t high = 0;
        std::uint32_t entry = 0;
        std::uint32_t child = none;
    };
    struct Node {
        std::uint32_t count = 0;
        bool leaf = true;
        std::array<Branch, branches_max> branches;

        const Branch* begin() const { return branches.data(); }
        const Branch* end() const { return branches.data() + count; }
    };

    Node& node(std::uint32_t id) { return chunks_[id / chunk_size][id % chunk_size]; }
    const Node& node(std::uint32_t id) const { return chunks_[id / chunk_size][id % chunk_size]; }
    std::uint32_t new_node(bool leaf);
    static bool before(const Branch& left, const Branch& right);
    static std::uint32_t child_for(const Node& parent, const Branch& wanted);
    Branch branch_to(std::uint32_t id) const;
    /// The new right half when the node was full, else none.
    std::uint32_t insert_at(std::uint32_t id, const Branch& added);
    std::uint32_t insert_branch(std::uint32_t id, const Branch& added);
    void remove_at(std::uint32_t id, const Branch& removed);
    void remove_branch(std::uint32_t id, std::uint32_t index);
    void stab_at(std::uint32_t id, std::uint64_t point, std::vector<std::uint32_t>& entries) const;
    void collect_at(std::uint32_t id, std::vector<std::uint32_t>& entries) const;

    KeyTable root_of_key_;
    std::vector<std::unique_ptr<Node[]>> chunks_;
    std::uint32_t node_count_ = 0;
    std::vector<std::uint32_t> free_nodes_;
};

}  // namespace dunlin::realtime
