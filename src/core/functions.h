#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/identity.h"
#include "core/result.h"
#include "core/value.h"

namespace dunlin {

/// What a function may look at besides its arguments. One per statement.
struct FunctionContext {
    const Identity* identity = nullptr;
    std::int64_t now_us = 0;  // transaction time, microseconds since 1970 UTC
};

/// A PostgreSQL function or operator that SQLite lacks or does differently.
///
/// The same table serves both ways of evaluating SQL: the SQLite engine registers every entry under
/// `name`, and the compiled row predicates call it directly, so the two cannot disagree.
struct ScalarFunction {
    std::string_view name;  // as written in SQLite text: "pg_like", "auth_uid", "gen_random_uuid"
    int arguments_min = 0;
    int arguments_max = 0;
    /// Same arguments (and context) give the same value within a statement. False for random ones.
    bool stable = true;
    Result<Value> (*call)(std::span<const Value> arguments,
                          const FunctionContext& context) = nullptr;
};

/// All of them, ordered by name.
std::span<const ScalarFunction> scalar_functions();

/// nullptr when there is none of that name.
const ScalarFunction* find_scalar_function(std::string_view name);

}  // namespace dunlin
