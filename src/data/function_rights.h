#pragma once

#include "core/identity.h"
#include "core/result.h"
#include "core/schema.h"

namespace dunlin::data {

/// Fails with 42501 `permission denied for function f` where EXECUTE was revoked.
Result<void> require_executor(const Function& function, Role role);

}  // namespace dunlin::data
