#pragma once

#include <CLI/App.hpp>

namespace dunlin::cli {

/// Adds `list`, `add`, `rotate` and `remove` of the key pairs that sign tokens to `keys`.
void add_signing_keys(CLI::App& keys, int& status);

}  // namespace dunlin::cli
