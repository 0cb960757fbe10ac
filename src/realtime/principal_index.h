#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "policy/access_rules.h"

namespace dunlin::realtime {

/// Whom a row may concern under one rule, found by the row's values instead of by asking everybody:
/// each reader is filed under the values that a row must have one of for the rule to admit it
/// (policy::RowRule::grants). Finds too many, never too few; the rule has the last word.
///
/// Readers and subscriptions are numbers of the caller's. Belongs to one loop.
class PrincipalIndex {
public:
    explicit PrincipalIndex(const policy::RowRule& rule) : rule_(&rule) {}

    void add(std::uint32_t reader, const policy::Reader& rights, std::uint32_t subscription);
    void remove(std::uint32_t reader, std::uint32_t subscription);
    /// New sets for the same reader; nothing when it has no subscription here.
    void replace(std::uint32_t reader, const policy::Reader& rights);

    /// Readers with a subscription here.
    std::size_t size() const { return entries_.size(); }
    /// How many readers collect() would give, some of them twice.
    std::size_t count(const Row& row) const;
    void collect(const Row& row, std::vector<std::uint32_t>& readers) const;
    const std::vector<std::uint32_t>& subscriptions_of(std::uint32_t reader) const;

private:
    struct Entry {
        std::vector<std::uint32_t> subscriptions;
        std::vector<std::uint64_t> keys;
    };

    void file(std::uint32_t reader, const policy::Reader& rights, Entry& entry);
    void unfile(std::uint32_t reader, Entry& entry);
    /// The readers under a value of the row; null when there are none.
    const std::vector<std::uint32_t>* find(const Row& row, std::size_t column) const;

    const policy::RowRule* rule_;                              // borrowed, as the index's rules are
    boost::unordered_flat_map<std::uint32_t, Entry> entries_;  // by reader
    boost::unordered_flat_map<std::uint64_t, std::vector<std::uint32_t>> readers_;  // by key
};

}  // namespace dunlin::realtime
