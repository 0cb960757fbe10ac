#include "sql/large_stack_thread.h"

#include "core/check.h"
#include "core/limits.h"

namespace dunlin::sql {

LargeStackThread::LargeStackThread() {
    pthread_attr_t attributes;
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstacksize(&attributes, limits::parser_stack_bytes) == 0);
    const auto serve = [](void* self) -> void* {
        static_cast<LargeStackThread*>(self)->serve();
        return nullptr;
    };
    CHECK(pthread_create(&thread_, &attributes, serve, this) == 0);
    pthread_attr_destroy(&attributes);
}

LargeStackThread::~LargeStackThread() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    pthread_join(thread_, nullptr);
}

LargeStackThread& LargeStackThread::shared() {
    static LargeStackThread thread;
    return thread;
}

void LargeStackThread::run(const std::function<void()>& work) {
    const std::lock_guard turn(turn_);
    std::unique_lock lock(mutex_);
    work_ = &work;
    changed_.notify_all();
    changed_.wait(lock, [this] { return work_ == nullptr; });
}

void LargeStackThread::serve() {
    pthread_setname_np(pthread_self(), "sql parser");
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return work_ != nullptr || stopping_; });
        if (stopping_) return;
        lock.unlock();
        (*work_)();
        lock.lock();
        work_ = nullptr;
        changed_.notify_all();
    }
}

}  // namespace dunlin::sql
