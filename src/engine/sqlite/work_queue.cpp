#include "engine/sqlite/work_queue.h"

#include <utility>

namespace dunlin::engine::sqlite {

void Unit::finish(Result<void> result) {
    work = nullptr;
    done(std::move(result));
}

void WorkQueue::push(Unit unit) {
    const char* refusal = nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (stopped_) {
            refusal = "the database is shutting down";
        } else if (units_.size() >= units_max_) {
            refusal = "too many requests are waiting for the database";
        } else {
            units_.push_back(std::move(unit));
        }
    }
    if (refusal != nullptr) {
        return unit.finish(
            std::unexpected(Error{ErrorCode::Unavailable, refusal, "53300", "", "Retry later."}));
    }
    filled_.notify_one();
}

std::vector<Unit> WorkQueue::take(std::size_t count_max) {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return stopped_ || !units_.empty(); });
    std::vector<Unit> taken;
    while (!units_.empty() && taken.size() < count_max) {
        const bool alone = units_.front().kind == UnitKind::Migration;
        if (alone && !taken.empty()) break;
        taken.push_back(std::move(units_.front()));
        units_.pop_front();
        if (alone) break;
    }
    return taken;
}

void WorkQueue::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    filled_.notify_all();
}

std::size_t WorkQueue::size() const {
    const std::lock_guard lock(mutex_);
    return units_.size();
}

}  // namespace dunlin::engine::sqlite
