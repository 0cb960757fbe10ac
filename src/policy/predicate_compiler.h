#pragma once

#include <functional>
#include <memory>
#include <set>

#include "policy/expression_walk.h"
#include "policy/predicate.h"
#include "sql/sqlite_text.h"

namespace dunlin::policy {

/// Compiles the SELECT rule of one role. Internal to the module.
class PredicateCompiler {
public:
    /// Adds the tables on which the rows of a relation depend; fails when they depend on time as
    /// well.
    using TablesBehind = std::function<Result<void>(const ReadRelation&, std::set<std::string>&)>;

    /// `filter` gives the rules of tables inside subqueries.
    PredicateCompiler(Shared& shared, Role role, const sql::RelationFilter& filter,
                      TablesBehind tables_behind);

    /// Fails with NotSupported and the reason.
    Result<Predicate> compile(const sql::Expression& expression);

    const std::set<std::string>& tables() const { return tables_; }
    const std::set<std::size_t>& sets() const { return sets_; }
    bool uses_reader() const { return uses_slots_ || !sets_.empty(); }

private:
    Result<std::size_t> add(const sql::Expression& e, Predicate& into);
    Result<std::size_t> add_slot(const sql::Expression& e, Predicate& into);
    Result<std::size_t> add_operator(const sql::Expression& e, Predicate& into);
    Result<std::size_t> add_children(Predicate::Node node, const sql::Expression& e,
                                     Predicate& into);
    Result<std::size_t> add_exists(const sql::Expression& e, Predicate& into);
    Result<std::size_t> with_conditions(std::size_t found, std::vector<sql::Expression> conditions,
                                        Predicate& into);
    Result<std::size_t> add_in_query(const sql::Expression& e, Predicate& into);
    Result<std::size_t> use_set(const sql::Query& query);
    std::shared_ptr<const Predicate> row_condition(const sql::Query& query) const;

    Shared& shared_;
    Role role_;
    const sql::RelationFilter& filter_;
    TablesBehind tables_behind_;
    std::set<std::string> tables_;
    std::set<std::size_t> sets_;
    bool uses_slots_ = false;
    bool in_slot_ = false;
};

}  // namespace dunlin::policy
