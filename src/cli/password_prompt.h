#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace dunlin::cli {

/// A new password: asked for twice at a terminal, which does not show it, else the first line of
/// standard input. Never from the command line, which other users of the machine can read and
/// shells write down. Fails with InvalidInput when there is none or the two differ.
Result<std::string> read_new_password(std::string_view owner);

}  // namespace dunlin::cli
