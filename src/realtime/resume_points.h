#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/limits.h"
#include "core/position.h"

namespace dunlin::realtime {

/// How far each device is known to have got, for clients that cannot say it themselves. At most
/// `points_max` are kept; the longest unused goes first. Thread-safe: shared by all shards.
class ResumePoints {
public:
    struct Point {
        std::string key;
        Position position;
    };

    explicit ResumePoints(std::size_t points_max = limits::resume_points_max);

    std::optional<Position> find(const std::string& key);
    void keep(const std::string& key, Position position);
    void forget(const std::string& key);

    /// What has been kept or forgotten since the last call, for a copy on disk: forgotten ones have
    /// an empty position.
    std::vector<Point> take_changes();
    /// What a copy on disk has, the longest unused first. Not a change.
    void restore(const std::vector<Point>& points);

    std::size_t size() const;

private:
    struct Entry {
        Position position;
        std::list<std::string>::iterator use;
        bool is_changed = false;
    };
    void put(const std::string& key, Position position, bool is_changed);
    void remove(std::unordered_map<std::string, Entry>::iterator entry);

    std::size_t points_max_;
    mutable std::mutex mutex_;  // guards all that follows
    std::unordered_map<std::string, Entry> entries_;
    std::list<std::string> uses_;  // keys, the longest unused first
    std::vector<std::string> changed_;
    std::vector<std::string> forgotten_;
};

}  // namespace dunlin::realtime
