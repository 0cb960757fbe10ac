#pragma once

#include <string>
#include <vector>

#include "query/sqlite_fixture.h"

/// Tests: a schema with every kind of relationship.
namespace dunlin::query {

/// clients <- projects <- tasks (to many), tasks <-> users through users_tasks, projects - budgets
/// (one to one), tasks under tasks (itself), orders with two addresses (ambiguous), open_tasks (a
/// view of tasks), secrets (unrelated).
Schema studio_schema();
/// The statements that make it, with its rows.
std::vector<std::string> studio_statements();

}  // namespace dunlin::query
