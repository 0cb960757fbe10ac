#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/change.h"
#include "core/schema.h"
#include "policy/access_rules.h"
#include "realtime/binding.h"
#include "realtime/rule_source.h"

namespace dunlin::realtime {

/// What somebody wants of the feed, as written in a URL (docs/protocol/sync.md).
struct FeedRequest {
    /// "a", "schema.c", "schema.*", "group:name"; none or "*" for all that the caller may read.
    std::vector<std::string> tables{};
    /// By table as `tables` names it; "" stands for the only one.
    std::vector<std::pair<std::string, std::string>> filters{};
    std::vector<std::pair<std::string, std::vector<std::string>>> selects{};
};

/// A FeedRequest whose names mean something to a role: the same bindings as a channel's. Immutable;
/// tables and rules are borrowed from the RuleSource.
class FeedView {
public:
    struct Entry {
        const Table* table = nullptr;
        const policy::RowRule* rule = nullptr;
        std::shared_ptr<const LiveFilter> filter{};  // null for none; shared with indexes
        Projection columns{};
    };

    /// `schemas` are those that "*" stands for. Fails as resolve_binding(); with InvalidInput too
    /// when a table is named twice with something to choose from, or a filter or select is of a
    /// table that is not named; with 42501 when the role may not read a table that is named, with
    /// NotSupported when a policy cannot be evaluated in memory.
    static Result<FeedView> resolve(const RuleSource& rules, Role role,
                                    std::span<const std::string> schemas,
                                    const FeedRequest& request);

    const std::vector<Entry>& entries() const { return entries_; }  // by storage name
    /// nullptr when the table is not followed. By storage name.
    const Entry* find(std::string_view table) const;

    /// Storage names of the tables that say who may see what.
    const std::set<std::string, std::less<>>& dependencies() const { return dependencies_; }
    /// Whether a change may change what `reader` sees of other rows.
    bool may_change_rights(const Change& change, const policy::Reader& reader) const;
    /// Whether both readers have the same of what the rules look at.
    bool same_rights(const policy::Reader& left, const policy::Reader& right) const;

private:
    Result<void> add(Role role, const Binding& binding, bool wildcard);

    const RuleSource* rules_ = nullptr;
    std::vector<Entry> entries_;
    std::vector<std::pair<std::string, std::size_t>> by_name_;  // sorted
    std::set<std::string, std::less<>> dependencies_;
    std::set<std::size_t> sets_;
};

/// Appends `{"position","schema","table","type","record"?,"old_record"?}`, with a comma before it
/// unless `out` ends in `[`. False when the reader sees nothing of the change.
bool write_feed_change(const FeedView& view, const policy::Reader& reader, const Change& change,
                       std::string& out);

}  // namespace dunlin::realtime
