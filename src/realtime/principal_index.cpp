#include "realtime/principal_index.h"

#include <algorithm>

#include "realtime/index_key.h"

namespace dunlin::realtime {

namespace {

std::uint64_t key_of(std::size_t column, const Value& value) {
    return mix_keys(column, value.hash());
}

void erase(std::vector<std::uint32_t>& numbers, std::uint32_t number) {
    const auto found = std::ranges::find(numbers, number);
    if (found == numbers.end()) return;
    *found = numbers.back();
    numbers.pop_back();
}

}  // namespace

void PrincipalIndex::add(std::uint32_t reader, const policy::Reader& rights,
                         std::uint32_t subscription) {
    const auto [entry, added] = entries_.try_emplace(reader);
    if (added) file(reader, rights, entry->second);
    entry->second.subscriptions.push_back(subscription);
}

void PrincipalIndex::remove(std::uint32_t reader, std::uint32_t subscription) {
    const auto entry = entries_.find(reader);
    erase(entry->second.subscriptions, subscription);
    if (!entry->second.subscriptions.empty()) return;
    unfile(reader, entry->second);
    entries_.erase(entry);
}

void PrincipalIndex::replace(std::uint32_t reader, const policy::Reader& rights) {
    const auto entry = entries_.find(reader);
    if (entry == entries_.end()) return;
    unfile(reader, entry->second);
    file(reader, rights, entry->second);
}

void PrincipalIndex::file(std::uint32_t reader, const policy::Reader& rights, Entry& entry) {
    for (const policy::Grant& grant : rule_->grants()) {
        policy::for_each_value(grant, rights, [&](const Value& value) {
            if (!value.is_null()) entry.keys.push_back(key_of(grant.column, value));
        });
    }
    std::ranges::sort(entry.keys);
    entry.keys.erase(std::ranges::unique(entry.keys).begin(), entry.keys.end());
    for (const std::uint64_t key : entry.keys) readers_[key].push_back(reader);
}

void PrincipalIndex::unfile(std::uint32_t reader, Entry& entry) {
    for (const std::uint64_t key : entry.keys) {
        const auto found = readers_.find(key);
        erase(found->second, reader);
        if (found->second.empty()) readers_.erase(found);
    }
    entry.keys.clear();
}

const std::vector<std::uint32_t>* PrincipalIndex::find(const Row& row, std::size_t column) const {
    if (column >= row.size() || row[column].is_null()) return nullptr;
    const auto found = readers_.find(key_of(column, row[column]));
    return found == readers_.end() ? nullptr : &found->second;
}

std::size_t PrincipalIndex::count(const Row& row) const {
    std::size_t count = 0;
    for (const policy::Grant& grant : rule_->grants()) {
        const auto* readers = find(row, grant.column);
        if (readers != nullptr) count += readers->size();
    }
    return count;
}

void PrincipalIndex::collect(const Row& row, std::vector<std::uint32_t>& readers) const {
    for (const policy::Grant& grant : rule_->grants()) {
        const auto* found = find(row, grant.column);
        if (found != nullptr) readers.insert(readers.end(), found->begin(), found->end());
    }
}

const std::vector<std::uint32_t>& PrincipalIndex::subscriptions_of(std::uint32_t reader) const {
    return entries_.find(reader)->second.subscriptions;
}

}  // namespace dunlin::realtime
