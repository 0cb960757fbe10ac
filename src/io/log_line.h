#pragma once

#include <cstdint>
#include <string>

#include "io/log.h"

namespace dunlin::log {

/// One line with its newline. Json: {"time":…,"level":…,"message":…,KEY:VALUE,…}. Text:
/// `2026-08-21T10:11:12.345Z warn message key=value`. `time_us` is microseconds since 1970 UTC.
std::string format_line(Format format, Level level, std::int64_t time_us, std::string_view message,
                        Fields fields);

}  // namespace dunlin::log
