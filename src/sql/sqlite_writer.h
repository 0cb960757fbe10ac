#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/sqlite_text.h"

namespace dunlin::sql {

/// Writes one statement. Relations get names of their own (t_0_0, t_1_0: alias, depth, number), so
/// that an inner table never hides an outer one, also when a rule is written inside another rule.
class Writer {
public:
    Writer(std::string_view alias, const RelationFilter& filter) : alias_(alias), filter_(filter) {}

    std::string expression(const Expression& e);
    std::string query(const Query& query);

    // For statements that write: what is written next is over the relations of `query`.
    void enter(const Query& query) { around_.push_back(&query); }
    void leave() { around_.pop_back(); }
    std::string from_clause(const Query& query, std::size_t first);
    /// ON CONFLICT: the second relation is what was to be inserted.
    void set_excluded(bool excluded) { excluded_ = excluded; }

private:
    std::string column(const Expression& e);
    std::string row_value(const Relation& relation, const std::string& name, std::size_t column);
    bool is_row_value(const Expression& e) const;
    std::string recursive_query(const Query& query);
    std::string binary(const Expression& e);
    std::string jsonb_comparison(const Expression& left, std::string_view name,
                                 const Expression& right);
    std::string in_list(const Expression& e);
    std::string scalar_query(const Query& scalar);
    std::string collated(const Expression& e);
    std::string collated_list(const std::vector<Expression>& expressions);
    std::string operation(const Expression& e);
    std::string list(const std::vector<Expression>& expressions, std::size_t from,
                     std::string_view separator);
    std::string case_of(const Expression& e);
    std::string aggregate(const Expression& e);
    std::string relation(const Relation& relation, const std::string& name, bool definer,
                         const std::string& searched);
    /// What a full-text index says of the rows of a relation that WHERE lets through; "" for
    /// nothing.
    std::string search_condition(const Query& query, std::size_t relation);
    std::string order_clause(const Query& query);
    std::string name_of(std::size_t level, int relation) const;

    std::string_view alias_;
    const RelationFilter& filter_;
    std::vector<const Query*> around_{};  // outermost first
    bool excluded_ = false;
};

}  // namespace dunlin::sql
