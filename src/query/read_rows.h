#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/value_view.h"
#include "query/read_plan.h"

/// The rows of a plan, and how they are printed. Whoever calls runs the statements.
namespace dunlin::query {

using RunStatement = std::function<Result<std::vector<Row>>(const SqlText& text)>;

/// The rows of one node for all parents. Borrows the node.
struct FetchedRows {
    const ReadNode* node = nullptr;
    std::vector<Row> rows{};
    std::vector<FetchedRows> children{};
    // Of a child:
    static constexpr std::size_t no_key = static_cast<std::size_t>(-1);
    std::vector<std::size_t> key_of_parent{};  // by row of the parent; no_key where it is NULL
    std::vector<std::size_t> sorted{};         // rows, by key and then as the statement gave them
    std::vector<std::size_t> starts{};         // in `sorted`, by key; one more than there are keys
};

/// Runs the statements of a plan, parents before children. `given` are the rows of a plan over
/// given rows. Fails with 54000 over limits::embedded_rows_max.
Result<FetchedRows> fetch_rows(const ReadPlan& plan, const std::vector<Row>& given,
                               const RunStatement& run);

/// The number of rows that the plan's root has without limit and offset.
Result<std::uint64_t> count_rows(const ReadPlan& plan, const std::vector<Row>& given,
                                 const RunStatement& run);

/// A JSON array of objects. Fails with 54000 over limits::result_bytes_max.
Result<std::string> print_json(const FetchedRows& fetched);

/// One row of a statement whose relations are all within it, as a JSON object.
void print_flat(const std::vector<ReadField>& fields, std::span<const ValueView> row,
                std::string& out);

/// The same text without the members that are null, at every level.
std::string strip_nulls(const std::string& json);

/// A line of names and one for each row, values as PostgreSQL prints those of a record.
Result<std::string> print_csv(const FetchedRows& fetched);

}  // namespace dunlin::query
