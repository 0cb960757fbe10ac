#include "realtime/feed.h"

#include <algorithm>
#include <optional>

#include "core/codec.h"
#include "core/limits.h"
#include "realtime/change_json.h"
#include "realtime/record_json.h"
#include "realtime/view.h"

namespace dunlin::realtime {

namespace {

Error invalid(std::string message) {
    return Error{ErrorCode::InvalidInput, std::move(message), "22023"};
}

/// A name of `tables` as a binding. "public.a" and "a" are the same.
BindingRequest binding_of(std::string_view name) {
    BindingRequest request{.event = "*"};
    const auto dot = name.find('.');
    if (name.starts_with("group:") || dot == name.npos) {
        request.table = std::string(name);
        return request;
    }
    request.schema = std::string(name.substr(0, dot));
    if (name.substr(dot + 1) != "*") request.table = std::string(name.substr(dot + 1));
    return request;
}

bool same_name(std::string_view left, std::string_view right) {
    const auto without_public = [](std::string_view name) {
        return name.starts_with("public.") ? name.substr(7) : name;
    };
    return without_public(left) == without_public(right);
}

template <typename Choices>
auto find_choice(const Choices& choices, const std::string& name, bool only) {
    return std::ranges::find_if(choices, [&](const auto& choice) {
        return choice.first.empty() ? only : same_name(choice.first, name);
    });
}

/// Every filter and select must be of a table that is named.
template <typename Choices>
Result<void> check_choices(const Choices& choices, const std::vector<std::string>& tables,
                           std::string_view what) {
    for (const auto& [name, choice] : choices) {
        if (name.empty() && tables.size() != 1) {
            return std::unexpected(invalid(std::string(what) +
                                           " needs one table in `tables`; with "
                                           "several it is " +
                                           std::string(what) + ".TABLE"));
        }
        const bool known = name.empty() || std::ranges::any_of(tables, [&](const auto& table) {
                               return same_name(table, name);
                           });
        if (!known) {
            return std::unexpected(
                invalid(std::string(what) + "." + name + ": `tables` does not name this table"));
        }
    }
    return {};
}

}  // namespace

Result<FeedView> FeedView::resolve(const RuleSource& rules, Role role,
                                   std::span<const std::string> schemas,
                                   const FeedRequest& request) {
    FeedView view;
    view.rules_ = &rules;
    std::vector<std::string> names = request.tables;
    const bool everything = names.empty() || std::ranges::find(names, "*") != names.end();
    auto checked = check_choices(request.filters, names, "filter");
    if (checked) checked = check_choices(request.selects, names, "select");
    if (!checked) return std::unexpected(checked.error());
    if (everything) {
        names.clear();
        for (const std::string& schema : schemas) names.push_back(schema + ".*");
    }
    for (const std::string& name : names) {
        BindingRequest wanted = binding_of(name);
        const auto filter = find_choice(request.filters, name, !everything && names.size() == 1);
        if (filter != request.filters.end()) wanted.filter = filter->second;
        const auto select = find_choice(request.selects, name, !everything && names.size() == 1);
        if (select != request.selects.end()) wanted.select = select->second;
        const auto binding = resolve_binding(rules.schema_for(role), rules.groups(), wanted);
        if (!binding) return std::unexpected(binding.error());
        const bool wildcard = !wanted.table || wanted.table->starts_with("group:");
        auto added = view.add(role, *binding, wildcard);
        if (!added) return std::unexpected(added.error());
    }
    return view;
}

Result<void> FeedView::add(Role role, const Binding& binding, bool wildcard) {
    for (const Table* table : binding.tables) {
        const auto rule = rules_->select_rule(*table, role);
        const bool denied = !rule && rule.error().sqlstate == "42501";
        if (denied && wildcard) continue;  // a wildcard means what there is for the caller
        if (!rule) return std::unexpected(rule.error());
        const std::string name = table->storage_name();
        const bool chosen = binding.filter != nullptr || binding.projection != nullptr;
        if (find(name) != nullptr) {
            if (!chosen) continue;
            return std::unexpected(invalid("`tables` names the table " + name + " twice"));
        }
        if (entries_.size() == limits::feed_tables_max) {
            return std::unexpected(Error{
                ErrorCode::LimitExceeded,
                "`tables` names more than " + std::to_string(limits::feed_tables_max) + " tables",
                "54000"});
        }
        const auto columns = projection_of(binding, *table);
        by_name_.insert(std::ranges::lower_bound(by_name_, std::pair(name, entries_.size())),
                        {name, entries_.size()});
        entries_.push_back({.table = table,
                            .rule = *rule,
                            .filter = binding.filter,
                            .columns = columns ? *columns : every_column(*table)});
        dependencies_.insert((*rule)->depends_on().begin(), (*rule)->depends_on().end());
        sets_.insert((*rule)->sets_used().begin(), (*rule)->sets_used().end());
    }
    return {};
}

const FeedView::Entry* FeedView::find(std::string_view table) const {
    const auto at = std::ranges::lower_bound(
        by_name_, table, {}, [](const auto& each) { return std::string_view(each.first); });
    return at != by_name_.end() && at->first == table ? &entries_[at->second] : nullptr;
}

bool FeedView::may_change_rights(const Change& change, const policy::Reader& reader) const {
    if (!dependencies_.contains(change.table)) return false;
    return std::ranges::any_of(
        sets_, [&](std::size_t set) { return rules_->may_change_set(set, change, reader); });
}

bool FeedView::same_rights(const policy::Reader& left, const policy::Reader& right) const {
    return std::ranges::all_of(sets_, [&](std::size_t set) {
        const auto& one = left.sets.at(set);
        const auto& other = right.sets.at(set);
        return one == other || (one && other && *one == *other);
    });
}

bool write_feed_change(const FeedView& view, const policy::Reader& reader, const Change& change,
                       std::string& out) {
    const FeedView::Entry* entry = view.find(change.table);
    if (entry == nullptr) return false;
    const auto seen = seen_as(change, *entry->rule, reader, entry->filter.get());
    if (!seen) return false;
    if (out.empty() || out.back() != '[') out += ',';
    out += R"({"position":")" + change.position.to_string() + R"(","schema":)";
    codec::write_json_string(entry->table->schema, out);
    out += R"(,"table":)";
    codec::write_json_string(entry->table->name, out);
    out += R"(,"type":")";
    out += kind_name(*seen);
    out += '"';
    if (*seen != ChangeKind::Delete) {
        out += R"(,"record":)";
        write_record(*entry->table, entry->columns, change.new_row, SIZE_MAX, out);
    }
    if (*seen != ChangeKind::Insert) {
        out += R"(,"old_record":)";
        write_record(*entry->table, key_in(*entry->table, entry->columns), change.old_row, SIZE_MAX,
                     out);
    }
    out += '}';
    return true;
}

}  // namespace dunlin::realtime
