#include "core/functions.h"

namespace dunlin {

namespace {

Result<Value> auth_uid(std::span<const Value>, const FunctionContext& context) {
    return Value(context.identity->user_id);
}
Result<Value> refuse(std::span<const Value> arguments, const FunctionContext&) {
    return std::unexpected(Error{ErrorCode::InvalidInput, "refused", "22P02", arguments[0].text(), "a hint"});
}

constexpr ScalarFunction table[] = {
    {"auth_uid", 0, 0, true, auth_uid},
    {"refuse", 1, 1, true, refuse},
};

}  // namespace

std::span<const ScalarFunction> scalar_functions() { return table; }

}  // namespace dunlin
