#include <fmt/format.h>

#include <algorithm>

#include "core/full_text_configuration.h"
#include "sql/coerce.h"
#include "sql/sqlite_writer.h"

/// Searches in WHERE that a full-text index can narrow.
namespace dunlin::sql {

namespace {

using Kind = Expression::Kind;

/// The same for every row, so that the index is asked once.
bool is_fixed(const Expression& e) {
    const bool plain = e.kind == Kind::Literal || e.kind == Kind::Variable ||
                       e.kind == Kind::Call || e.kind == Kind::Operator;
    return plain && std::ranges::all_of(e.arguments, is_fixed);
}

/// `vector @@ query` among what has to hold.
void collect_searches(const Expression& e, std::vector<const Expression*>& searches) {
    if (e.kind == Kind::Operator && e.name == "and") {
        for (const Expression& part : e.arguments) collect_searches(part, searches);
    }
    const bool search = e.kind == Kind::Call && e.name == "pg_tsvector_matches";
    if (search && is_fixed(e.arguments[1])) searches.push_back(&e);
}

/// An index names the configuration, which a search may leave out.
Expression with_configuration(const Expression& vector) {
    const bool short_form =
        vector.kind == Kind::Call && vector.arguments.size() == 1 &&
        (vector.name == "pg_to_tsvector" || vector.name == "pg_json_to_tsvector");
    if (!short_form) return vector;
    Expression full = vector;
    full.arguments.insert(full.arguments.begin(),
                          make_literal(Value(full_text::default_configuration), text_type()));
    return full;
}

}  // namespace

std::string Writer::search_condition(const Query& query, std::size_t relation) {
    const Relation& searched = query.relations[relation];
    if (filter_.kept || !query.where || searched.query != nullptr) return {};
    std::vector<const Expression*> searches;
    const auto is_search = [](const Index& index) { return index.search.has_value(); };
    if (!std::ranges::any_of(searched.table->indexes, is_search)) return {};
    collect_searches(*query.where, searches);
    const std::string row = name_of(around_.size() - 1, static_cast<int>(relation));
    std::string out;
    for (const Expression* search : searches) {
        const std::string vector = expression(with_configuration(search->arguments[0]));
        const auto index = std::ranges::find_if(searched.table->indexes, [&](const Index& one) {
            return one.search && one.search->vector_over(row) == vector;
        });
        if (index == searched.table->indexes.end()) continue;
        const std::string words = quote_identifier(index->search->table);
        out += fmt::format(
            "{0}{1}.{2} in (select rowid from {3} where {3} match pg_search_query({4}))",
            out.empty() ? "" : " and ", row, searched.table->row_number(), words,
            expression(search->arguments[1]));
    }
    return out;
}

}  // namespace dunlin::sql
