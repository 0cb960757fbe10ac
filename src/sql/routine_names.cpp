#include "sql/routine_names.h"

#include <algorithm>

namespace dunlin::sql {

void RoutineNames::declare(const std::string& name, RowOrValue meaning) {
    scopes_.back().names.insert_or_assign(name, std::move(meaning));
}

void RoutineNames::declare_record(const std::string& name) {
    scopes_.back().names.insert_or_assign(name, Unassigned{});
}

bool RoutineNames::declared_here(const std::string& name) const {
    return scopes_.back().names.contains(name);
}

bool RoutineNames::assign_record(std::span<const std::string> names, RowValue row) {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
        if (names.size() > 1 && scope->label != names.front()) continue;
        const auto found = scope->names.find(names.back());
        if (found == scope->names.end()) continue;
        if (!std::holds_alternative<Unassigned>(found->second)) return false;
        found->second = RowOrValue(std::move(row));
        return true;
    }
    return false;
}

RoutineNames::Found RoutineNames::inside(const Meaning& meaning,
                                         std::span<const std::string> rest) {
    if (std::holds_alternative<Unassigned>(meaning)) return {.unassigned = true};
    const RowOrValue& known = std::get<RowOrValue>(meaning);
    const auto* row = std::get_if<RowValue>(&known);
    if (rest.empty()) return {.meaning = &known, .value = std::get_if<Expression>(&known)};
    if (row == nullptr || rest.size() > 1) return {};
    const auto field = std::ranges::find(row->names, rest.front());
    if (field == row->names.end()) return {.meaning = &known, .no_field = true};
    return {.meaning = &known,
            .value = &row->values[static_cast<std::size_t>(field - row->names.begin())]};
}

RoutineNames::Found RoutineNames::find(std::span<const std::string> names) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
        if (const auto own = scope->names.find(names[0]); own != scope->names.end())
            return inside(own->second, names.subspan(1));
        if (names.size() < 2 || scope->label != names[0]) continue;
        const auto labelled = scope->names.find(names[1]);
        if (labelled != scope->names.end()) return inside(labelled->second, names.subspan(2));
    }
    return {};
}

}  // namespace dunlin::sql
