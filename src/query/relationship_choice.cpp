#include <fmt/format.h>

#include <algorithm>

#include "core/codec.h"
#include "core/nearest_name.h"
#include "query/relationships.h"

/// Which relationship a name and a hint mean, by the rules of PostgREST's findRel.
namespace dunlin::query {

namespace {

/// The least likeness of a name that PostgREST's fuzzy search still suggests.
constexpr double suggestion_likeness_min = 0.33;

bool names_constraint(const Relationship& relationship, std::string_view name) {
    return relationship.cardinality != Cardinality::ManyToMany && relationship.constraint == name;
}

/// The one column of the source's side.
bool names_column(const Relationship& relationship, std::string_view name) {
    return relationship.cardinality != Cardinality::ManyToMany &&
           relationship.columns.size() == 1 &&
           relationship.source->columns[relationship.columns.front().first].name == name;
}

bool names_target_column(const Relationship& relationship, std::string_view name) {
    return relationship.cardinality != Cardinality::ManyToMany &&
           relationship.columns.size() == 1 &&
           relationship.target->columns[relationship.columns.front().second].name == name;
}

/// One key of a table to itself goes both ways: the table's name means its children, the column
/// their parent.
bool matches_itself(const Relationship& relationship, std::string_view target,
                    std::string_view hint) {
    const bool children =
        relationship.target->name == target && relationship.cardinality == Cardinality::OneToMany;
    if (!hint.empty()) return children && names_target_column(relationship, hint);
    return children || (relationship.cardinality == Cardinality::ManyToOne &&
                        names_column(relationship, target));
}

bool matches(const Relationship& relationship, std::string_view target, std::string_view hint) {
    if (relationship.to_itself()) return matches_itself(relationship, target, hint);
    const bool named = relationship.target->name == target;
    if (hint.empty()) {
        if (named) return true;
        return relationship.target->kind == RelationKind::Table &&
               (names_constraint(relationship, target) || names_column(relationship, target));
    }
    return named && (names_constraint(relationship, hint) || names_column(relationship, hint) ||
                     names_target_column(relationship, hint) ||
                     (relationship.junction != nullptr && relationship.junction->name == hint));
}

std::string_view cardinality_name(Cardinality cardinality) {
    switch (cardinality) {
        case Cardinality::ManyToOne:
            return "many-to-one";
        case Cardinality::OneToOne:
            return "one-to-one";
        case Cardinality::OneToMany:
            return "one-to-many";
        case Cardinality::ManyToMany:
            return "many-to-many";
    }
    return "";
}

enum class Member : std::uint8_t { First, Second };

std::string column_list(const Table& table, const ColumnPairs& pairs, Member member) {
    std::string out;
    for (const auto& [first, second] : pairs) {
        out += (out.empty() ? "" : ", ") +
               table.columns[member == Member::First ? first : second].name;
    }
    return out;
}

std::string described(const Relationship& r) {
    if (r.junction != nullptr) {
        return fmt::format("{} using {}({}) and {}({})", r.junction->name, r.constraint,
                           column_list(*r.junction, r.columns, Member::Second), r.target_constraint,
                           column_list(*r.junction, r.target_columns, Member::First));
    }
    return fmt::format("{} using {}({}) and {}({})", r.constraint, r.source->name,
                       column_list(*r.source, r.columns, Member::First), r.target->name,
                       column_list(*r.target, r.columns, Member::Second));
}

std::string details_of(const Relationship& r) {
    std::string out = R"({"cardinality":)";
    codec::write_json_string(cardinality_name(r.cardinality), out);
    out += R"(,"embedding":)";
    codec::write_json_string(fmt::format("{} with {}", r.source->name, r.target->name), out);
    out += R"(,"relationship":)";
    codec::write_json_string(described(r), out);
    return out + "}";
}

Error ambiguous(const Table& source, std::string_view target,
                const std::vector<const Relationship*>& found) {
    std::string details, choices;
    for (const Relationship* r : found) {
        details += (details.empty() ? "[" : ",") + details_of(*r);
        choices += fmt::format("{}'{}!{}'", choices.empty() ? "" : ", ", r->target->name,
                               r->junction != nullptr ? r->junction->name : r->constraint);
    }
    return Error{
        ErrorCode::MultipleChoices,
        fmt::format(
            "Could not embed because more than one relationship was found for '{}' and '{}'",
            source.name, target),
        "PGRST201", details + "]",
        fmt::format("Try changing '{}' to one of the following: {}. Find the desired relationship "
                    "in the 'details' key.",
                    target, choices)};
}

std::string suggestion(std::string_view wrong, const std::vector<std::string>& names) {
    if (std::find(names.begin(), names.end(), wrong) != names.end()) return {};
    const std::string near = nearest_name(wrong, names, suggestion_likeness_min);
    return near.empty() ? near
                        : fmt::format("Perhaps you meant '{}' instead of '{}'.", near, wrong);
}

}  // namespace

Error Relationships::missing(const Table& source, std::string_view target,
                             std::string_view hint) const {
    std::vector<std::string> names;
    const auto& own = of(source);
    for (const Relationship& r : own) names.push_back(r.target->name);
    if (own.empty()) {
        for (const auto& [name, list] : by_source_) {
            const Table& table = *list.front().source;
            if (table.schema == source.schema) names.push_back(table.name);
        }
    }
    return Error{
        ErrorCode::InvalidInput,
        fmt::format("Could not find a relationship between '{}' and '{}' in the schema cache",
                    source.name, target),
        "PGRST200",
        fmt::format("Searched for a foreign key relationship between '{}' and '{}' {}in the schema "
                    "'{}', but no matches were found.",
                    source.name, target,
                    hint.empty() ? "" : fmt::format("using the hint '{}' ", hint), source.schema),
        suggestion(own.empty() ? std::string_view(source.name) : target, names)};
}

Result<const Relationship*> Relationships::find(const Table& source, std::string_view target,
                                                std::string_view hint) const {
    std::vector<const Relationship*> found;
    for (const Relationship& relationship : of(source)) {
        if (relationship.target->schema == source.schema && matches(relationship, target, hint))
            found.push_back(&relationship);
    }
    if (found.empty()) return std::unexpected(missing(source, target, hint));
    if (found.size() > 1) return std::unexpected(ambiguous(source, target, found));
    return found.front();
}

}  // namespace dunlin::query
