#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "query/cursor.h"
#include "query/rest_query.h"

/// The rules of the grammar, one file each. All are linear in the text and bounded in depth.
namespace dunlin::query {

// name_parser.cpp
Parsed<std::string> read_name(Cursor& cursor);
/// `"…"` with backslash escapes; the cursor is at the opening quote.
Parsed<std::string> read_quoted(Cursor& cursor);
Parsed<std::vector<FieldPath::Step>> read_json_path(Cursor& cursor);
Parsed<FieldPath> read_field(Cursor& cursor);
/// `a,"b c"`, to the end.
Parsed<std::vector<std::string>> read_names(Cursor& cursor);

// select_parser.cpp
Parsed<std::vector<SelectItem>> read_select(Cursor& cursor);

// order_parser.cpp
Parsed<std::vector<OrderItem>> read_order(Cursor& cursor);

// filter_parser.cpp
/// Conditions left, shared by the whole query.
struct FilterBudget {
    std::size_t conditions = 0;
};
/// `[not.]op.value` to the end, into `filter`, whose field is set already.
Parsed<void> read_operation(Cursor& cursor, Filter& filter, FilterBudget& budget);
/// `and(a.eq.1,or(…))` to the end.
Parsed<Filter> read_logic_tree(Cursor& cursor, FilterBudget& budget);

// list_parser.cpp
/// `(a,"b,c")` of `in`; the cursor is at the opening parenthesis.
Parsed<std::vector<std::string>> read_in_list(Cursor& cursor);
/// `{a,"b c"}` of any and all. Fails with 22P02 `malformed array literal`.
Parsed<std::vector<std::string>> read_array_list(std::string_view text);

}  // namespace dunlin::query
