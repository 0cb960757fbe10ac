#include "realtime/interval_forest.h"

#include <algorithm>

#include "core/check.h"

namespace dunlin::realtime {

bool IntervalForest::before(std::uint32_t node, std::uint64_t low, std::uint32_t entry) const {
    const Node& at = nodes_[node];
    return at.low != low ? at.low < low : at.entry < entry;
}

void IntervalForest::update(std::uint32_t node) {
    Node& at = nodes_[node];
    at.high_max = at.high;
    if (at.left != none) at.high_max = std::max(at.high_max, nodes_[at.left].high_max);
    if (at.right != none) at.high_max = std::max(at.high_max, nodes_[at.right].high_max);
}

void IntervalForest::split(std::uint32_t node, std::uint64_t low, std::uint32_t entry,
                           std::uint32_t& left, std::uint32_t& right) {
    if (node == none) {
        left = right = none;
        return;
    }
    std::uint32_t middle = none;
    if (before(node, low, entry)) {
        split(nodes_[node].right, low, entry, middle, right);
        nodes_[node].right = middle;
        left = node;
    } else {
        split(nodes_[node].left, low, entry, left, middle);
        nodes_[node].left = middle;
        right = node;
    }
    update(node);
}

std::uint32_t IntervalForest::merge(std::uint32_t left, std::uint32_t right) {
    if (left == none) return right;
    if (right == none) return left;
    if (nodes_[left].priority > nodes_[right].priority) {
        nodes_[left].right = merge(nodes_[left].right, right);
        update(left);
        return left;
    }
    nodes_[right].left = merge(left, nodes_[right].left);
    update(right);
    return right;
}

std::uint32_t IntervalForest::insert_at(std::uint32_t node, std::uint32_t added) {
    if (node == none) return added;
    const Node& add = nodes_[added];
    if (add.priority > nodes_[node].priority) {
        std::uint32_t left = none;
        std::uint32_t right = none;
        split(node, add.low, add.entry, left, right);
        nodes_[added].left = left;
        nodes_[added].right = right;
        update(added);
        return added;
    }
    if (before(node, add.low, add.entry)) {
        nodes_[node].right = insert_at(nodes_[node].right, added);
    } else {
        nodes_[node].left = insert_at(nodes_[node].left, added);
    }
    update(node);
    return node;
}

std::uint32_t IntervalForest::remove_at(std::uint32_t node, std::uint64_t low,
                                        std::uint32_t entry) {
    CHECK(node != none);
    if (nodes_[node].low == low && nodes_[node].entry == entry) {
        free_nodes_.push_back(node);
        return merge(nodes_[node].left, nodes_[node].right);
    }
    if (before(node, low, entry)) {
        nodes_[node].right = remove_at(nodes_[node].right, low, entry);
    } else {
        nodes_[node].left = remove_at(nodes_[node].left, low, entry);
    }
    update(node);
    return node;
}

void IntervalForest::insert(std::uint64_t key, std::uint64_t low, std::uint64_t high,
                            std::uint32_t entry) {
    std::uint32_t added = 0;
    if (free_nodes_.empty()) {
        added = static_cast<std::uint32_t>(nodes_.size());
        nodes_.emplace_back();
    } else {
        added = free_nodes_.back();
        free_nodes_.pop_back();
    }
    random_ ^= random_ << 13;  // xorshift64 (Marsaglia 2003)
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    nodes_[added] = Node{low, high, high, none, none, static_cast<std::uint32_t>(random_ >> 32), entry};
    const auto [root, inserted] = root_of_key_.try_emplace(key, none);
    root->second = insert_at(root->second, added);
}

void IntervalForest::remove(std::uint64_t key, std::uint64_t low, std::uint32_t entry) {
    const auto root = root_of_key_.find(key);
    CHECK(root != root_of_key_.end());
    root->second = remove_at(root->second, low, entry);
    if (root->second == none) root_of_key_.erase(root);
}

void IntervalForest::stab_at(std::uint32_t node, std::uint64_t point,
                             std::vector<std::uint32_t>& entries) const {
    while (node != none) {
        const Node& at = nodes_[node];
        if (at.high_max < point) return;
        stab_at(at.left, point, entries);
        if (at.low > point) return;
        if (at.high >= point) entries.push_back(at.entry);
        node = at.right;
    }
}

void IntervalForest::collect_at(std::uint32_t node, std::vector<std::uint32_t>& entries) const {
    while (node != none) {
        collect_at(nodes_[node].left, entries);
        entries.push_back(nodes_[node].entry);
        node = nodes_[node].right;
    }
}

void IntervalForest::stab(std::uint64_t key, std::uint64_t point,
                          std::vector<std::uint32_t>& entries) const {
    const auto root = root_of_key_.find(key);
    if (root != root_of_key_.end()) stab_at(root->second, point, entries);
}

void IntervalForest::collect(std::uint64_t key, std::vector<std::uint32_t>& entries) const {
    const auto root = root_of_key_.find(key);
    if (root != root_of_key_.end()) collect_at(root->second, entries);
}

}  // namespace dunlin::realtime
