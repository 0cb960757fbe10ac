#include "core/functions.h"

#include <algorithm>
#include <vector>

#include "core/functions/arguments.h"

namespace dunlin {

namespace functions {

bool any_null(Arguments arguments) {
    return std::any_of(arguments.begin(), arguments.end(),
                       [](const Value& v) { return v.is_null(); });
}

std::string_view text_of(const Value& value) {
    return value.is_text() ? std::string_view(value.text()) : std::string_view();
}

}  // namespace functions

std::span<const ScalarFunction> scalar_functions() {
    static const std::vector<ScalarFunction> all = [] {
        std::vector<ScalarFunction> joined;
        for (const auto part :
             {functions::claim_functions(),       functions::text_functions(),
              functions::pattern_functions(),     functions::json_functions(),
              functions::json_build_functions(),  functions::number_functions(),
              functions::array_functions(),       functions::time_functions(),
              functions::interval_functions(),    functions::range_functions(),
              functions::full_text_functions(),   functions::cast_functions(),
              functions::aggregate_functions(),   functions::array_edit_functions(),
              functions::byte_functions(),        functions::format_number_functions(),
              functions::format_time_functions(), functions::json_edit_functions(),
              functions::make_time_functions(),   functions::read_time_functions(),
              functions::real_number_functions(), functions::regexp_functions(),
              functions::row_functions(),         functions::text_edit_functions(),
              functions::password_functions()}) {
            joined.insert(joined.end(), part.begin(), part.end());
        }
        std::sort(joined.begin(), joined.end(),
                  [](const auto& left, const auto& right) { return left.name < right.name; });
        return joined;
    }();
    return all;
}

const ScalarFunction* find_scalar_function(std::string_view name) {
    const auto all = scalar_functions();
    const auto found =
        std::lower_bound(all.begin(), all.end(), name,
                         [](const auto& entry, auto wanted) { return entry.name < wanted; });
    return found != all.end() && found->name == name ? &*found : nullptr;
}

}  // namespace dunlin
