#include "io/log.h"

#include <unistd.h>

#include <atomic>
#include <string>

#include "core/clock.h"
#include "io/log_line.h"

namespace dunlin::log {

namespace {

// Process-wide like stderr itself.
std::atomic<Format> current_format = Format::Json;
std::atomic<Level> current_level = Level::Info;

void write_line(Level level, std::string_view message, Fields fields) {
    if (level < current_level.load(std::memory_order_relaxed)) return;
    const std::string line = format_line(current_format.load(std::memory_order_relaxed), level,
                                         SystemClock().now_us(), message, fields);
    // One write, so that lines of threads do not mix. When stderr is gone there is nowhere to say
    // so.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

void set_format(Format format) {
    current_format.store(format, std::memory_order_relaxed);
}
void set_level(Level level) {
    current_level.store(level, std::memory_order_relaxed);
}

void debug(std::string_view message, Fields fields) {
    write_line(Level::Debug, message, fields);
}
void info(std::string_view message, Fields fields) {
    write_line(Level::Info, message, fields);
}
void warn(std::string_view message, Fields fields) {
    write_line(Level::Warn, message, fields);
}
void error(std::string_view message, Fields fields) {
    write_line(Level::Error, message, fields);
}

}  // namespace dunlin::log
