#include "realtime/interval_forest.h"

#include <algorithm>

#include "core/check.h"

namespace dunlin::realtime {

std::uint32_t IntervalForest::new_node(bool leaf) {
    std::uint32_t id = node_count_;
    if (!free_nodes_.empty()) {
        id = free_nodes_.back();
        free_nodes_.pop_back();
    } else {
        if (node_count_ == chunks_.size() * chunk_size) {
            chunks_.push_back(std::make_unique<Node[]>(chunk_size));
        }
        ++node_count_;
    }
    node(id).count = 0;
    node(id).leaf = leaf;
    return id;
}

bool IntervalForest::before(const Branch& left, const Branch& right) {
    return left.low != right.low ? left.low < right.low : left.entry < right.entry;
}

/// The last child that begins at or before `wanted`, or the first.
std::uint32_t IntervalForest::child_for(const Node& parent, const Branch& wanted) {
    std::uint32_t index = 0;
    while (index + 1 < parent.count && !before(wanted, parent.branches[index + 1])) ++index;
    return index;
}

IntervalForest::Branch IntervalForest::branch_to(std::uint32_t id) const {
    const Node& to = node(id);
    Branch branch = to.branches[0];
    for (const Branch& inner : to) branch.high = std::max(branch.high, inner.high);
    branch.child = id;
    return branch;
}

/// Puts a branch where it belongs in a node, halving the node first when it is full.
std::uint32_t IntervalForest::insert_branch(std::uint32_t id, const Branch& added) {
    std::uint32_t right = none;
    std::uint32_t target = id;
    if (node(id).count == branches_max) {
        right = new_node(node(id).leaf);
        Node& full = node(id);
        Node& half = node(right);
        half.count = branches_max / 2;
        full.count = branches_max - half.count;
        std::copy_n(full.branches.begin() + full.count, half.count, half.branches.begin());
        if (!before(added, half.branches[0])) target = right;
    }
    Node& into = node(target);
    std::uint32_t index = into.count;
    for (; index > 0 && before(added, into.branches[index - 1]); --index) {
        into.branches[index] = into.branches[index - 1];
    }
    into.branches[index] = added;
    ++into.count;
    return right;
}

std::uint32_t IntervalForest::insert_at(std::uint32_t id, const Branch& added) {
    if (node(id).leaf) return insert_branch(id, added);
    const std::uint32_t index = child_for(node(id), added);
    const std::uint32_t child = node(id).branches[index].child;
    const std::uint32_t right = insert_at(child, added);
    node(id).branches[index] = branch_to(child);
    return right == none ? none : insert_branch(id, branch_to(right));
}

void IntervalForest::insert(std::uint64_t key, std::uint64_t low, std::uint64_t high,
                            std::uint32_t entry) {
    std::uint32_t& root = root_of_key_.at(key);
    if (root == KeyTable::absent) root = new_node(true);
    const std::uint32_t right = insert_at(root, Branch{low, high, entry, none});
    if (right == none) return;
    const std::uint32_t above = new_node(false);
    insert_branch(above, branch_to(root));
    insert_branch(above, branch_to(right));
    root = above;
}

void IntervalForest::remove_branch(std::uint32_t id, std::uint32_t index) {
    Node& from = node(id);
    std::copy(from.branches.begin() + index + 1, from.branches.begin() + from.count,
              from.branches.begin() + index);
    --from.count;
}

/// Nodes may become small, but never stay empty.
void IntervalForest::remove_at(std::uint32_t id, const Branch& removed) {
    if (node(id).leaf) {
        std::uint32_t index = 0;
        while (index < node(id).count && before(node(id).branches[index], removed)) ++index;
        CHECK(index < node(id).count && node(id).branches[index].entry == removed.entry);
        remove_branch(id, index);
        return;
    }
    const std::uint32_t index = child_for(node(id), removed);
    const std::uint32_t child = node(id).branches[index].child;
    remove_at(child, removed);
    if (node(child).count > 0) {
        node(id).branches[index] = branch_to(child);
        return;
    }
    free_nodes_.push_back(child);
    remove_branch(id, index);
}

void IntervalForest::remove(std::uint64_t key, std::uint64_t low, std::uint32_t entry) {
    std::uint32_t& root = root_of_key_.at(key);
    CHECK(root != KeyTable::absent);
    remove_at(root, Branch{low, 0, entry, none});
    while (!node(root).leaf && node(root).count == 1) {
        free_nodes_.push_back(root);
        root = node(root).branches[0].child;
    }
    if (node(root).count > 0) return;
    free_nodes_.push_back(root);
    root_of_key_.erase(key);
}

void IntervalForest::stab_at(std::uint32_t id, std::uint64_t point,
                             std::vector<std::uint32_t>& entries) const {
    const Node& at = node(id);
    for (const Branch& branch : at) {
        if (branch.low > point) return;
        if (branch.high < point) continue;
        if (at.leaf) {
            entries.push_back(branch.entry);
        } else {
            stab_at(branch.child, point, entries);
        }
    }
}

void IntervalForest::collect_at(std::uint32_t id, std::vector<std::uint32_t>& entries) const {
    const Node& at = node(id);
    for (const Branch& branch : at) {
        if (at.leaf) {
            entries.push_back(branch.entry);
        } else {
            collect_at(branch.child, entries);
        }
    }
}

void IntervalForest::stab(std::uint64_t key, std::uint64_t point,
                          std::vector<std::uint32_t>& entries) const {
    const std::uint32_t root = root_of_key_.find(key);
    if (root != KeyTable::absent) stab_at(root, point, entries);
}

void IntervalForest::collect(std::uint64_t key, std::vector<std::uint32_t>& entries) const {
    const std::uint32_t root = root_of_key_.find(key);
    if (root != KeyTable::absent) collect_at(root, entries);
}

}  // namespace dunlin::realtime
