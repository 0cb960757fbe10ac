#include "data/function_rights.h"

#include <fmt/format.h>

#include <algorithm>

namespace dunlin::data {

Result<void> require_executor(const Function& function, Role role) {
    const auto& executors = function.executors;
    const bool may = executors.empty() ||
                     std::ranges::find(executors, role_name(role)) != executors.end() ||
                     std::ranges::find(executors, "public") != executors.end();
    if (may) return {};
    return std::unexpected(
        sql_error("42501", fmt::format("permission denied for function {}", function.name)));
}

}  // namespace dunlin::data
