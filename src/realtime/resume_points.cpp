#include "realtime/resume_points.h"

#include <utility>

namespace dunlin::realtime {

ResumePoints::ResumePoints(std::size_t points_max) : points_max_(points_max) {}

std::optional<Position> ResumePoints::find(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return std::nullopt;
    uses_.splice(uses_.end(), uses_, found->second.use);
    return found->second.position;
}

void ResumePoints::keep(const std::string& key, Position position) {
    const std::lock_guard lock(mutex_);
    put(key, position, true);
}

void ResumePoints::forget(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found != entries_.end()) remove(found);
}

void ResumePoints::put(const std::string& key, Position position, bool is_changed) {
    const auto [entry, added] = entries_.try_emplace(key);
    if (added) {
        entry->second.use = uses_.insert(uses_.end(), key);
    } else {
        uses_.splice(uses_.end(), uses_, entry->second.use);
    }
    entry->second.position = position;
    if (is_changed && !std::exchange(entry->second.is_changed, true)) changed_.push_back(key);
    if (entries_.size() > points_max_) remove(entries_.find(uses_.front()));
}

void ResumePoints::remove(std::unordered_map<std::string, Entry>::iterator entry) {
    forgotten_.push_back(entry->first);
    uses_.erase(entry->second.use);
    entries_.erase(entry);
}

std::vector<ResumePoints::Point> ResumePoints::take_changes() {
    const std::lock_guard lock(mutex_);
    std::vector<Point> changes;
    for (std::string& key : std::exchange(forgotten_, {})) {
        if (!entries_.contains(key)) changes.push_back({std::move(key), {}});
    }
    for (std::string& key : std::exchange(changed_, {})) {
        const auto entry = entries_.find(key);
        if (entry == entries_.end()) continue;
        entry->second.is_changed = false;
        changes.push_back({std::move(key), entry->second.position});
    }
    return changes;
}

void ResumePoints::restore(const std::vector<Point>& points) {
    const std::lock_guard lock(mutex_);
    for (const Point& point : points) put(point.key, point.position, false);
}

std::size_t ResumePoints::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

}  // namespace dunlin::realtime
