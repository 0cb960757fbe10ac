#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <vector>

#include "sql/expression.h"

namespace dunlin::policy {

using Visit = std::function<bool(const sql::Expression&)>;

/// Whether `visit` is true of an expression or of one inside it, subqueries included.
bool any(const sql::Expression& expression, const Visit& visit);
bool any(const sql::Query& query, const Visit& visit);

/// Whether the value differs from one moment to the next although rows and reader stay: the time
/// goes on and random values differ.
bool is_volatile(const sql::Expression& expression);
bool is_volatile(const sql::Query& query);

/// Whether an expression looks at columns `depth` or more queries outward.
bool looks_out(const sql::Expression& expression, int depth);
bool looks_out(const sql::Query& query, int depth);

/// With whose rights something is read: the caller's, or those of the owner of a SECURITY DEFINER
/// function (sql::Query::definer), for whom no policies hold.
enum class Reads : std::uint8_t { AsCaller, AsOwner };

/// A table or view that a subquery reads, and the columns that it names.
struct ReadRelation {
    const Table* table = nullptr;
    Reads reads = Reads::AsCaller;
    std::set<std::size_t> columns{};
};

/// Every relation of the subqueries of an expression, or of a query and its subqueries. The row
/// around the outermost is not among them.
std::vector<ReadRelation> relations_of(const sql::Expression& expression);
std::vector<ReadRelation> relations_of(const sql::Query& query);

}  // namespace dunlin::policy
