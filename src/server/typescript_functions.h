#pragma once

#include "server/typescript_text.h"

namespace dunlin::server {

/// Prints `name: { Args; Returns }` of the functions of one name that a client can call, as a union
/// when there are several. False when there is none.
bool print_functions(TypeScriptLines& out, const TypeScriptTypes& types,
                     const std::vector<Function>& overloads);

}  // namespace dunlin::server
