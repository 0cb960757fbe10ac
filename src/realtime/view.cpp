#include "realtime/view.h"

namespace dunlin::realtime {

namespace {

bool shows(const Row& row, const policy::RowRule& rule, const policy::Reader& reader,
           const LiveFilter* filter) {
    // The filter first: it is cheaper than most rules.
    return (filter == nullptr || filter->matches(row)) && rule.allows(row, reader);
}

}  // namespace

std::optional<ChangeKind> seen_as(ChangeKind kind, bool saw_old, bool sees_new) {
    if (!saw_old && !sees_new) return std::nullopt;
    if (kind == ChangeKind::Update && !saw_old) return ChangeKind::Insert;
    if (kind == ChangeKind::Update && !sees_new) return ChangeKind::Delete;
    return kind;
}

std::optional<ChangeKind> seen_as(const Change& change, const policy::RowRule& rule,
                                  const policy::Reader& reader, const LiveFilter* filter) {
    const bool saw_old =
        change.kind != ChangeKind::Insert && shows(change.old_row, rule, reader, filter);
    const bool sees_new =
        change.kind != ChangeKind::Delete && shows(change.new_row, rule, reader, filter);
    return seen_as(change.kind, saw_old, sees_new);
}

}  // namespace dunlin::realtime
