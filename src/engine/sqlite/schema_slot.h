#pragma once

#include <memory>
#include <mutex>

#include "core/schema.h"

namespace dunlin::engine::sqlite {

/// The current schema, set by start-up code and read by the engine's threads. Thread-safe.
class SchemaSlot {
public:
    void set(std::shared_ptr<const Schema> schema) {
        const std::lock_guard lock(mutex_);
        schema_ = std::move(schema);
    }
    /// May be null.
    std::shared_ptr<const Schema> get() const {
        const std::lock_guard lock(mutex_);
        return schema_;
    }

private:
    mutable std::mutex mutex_;  // guards schema_: its readers run on several threads of their own
    std::shared_ptr<const Schema> schema_;  // owned by whoever holds it; immutable
};

}  // namespace dunlin::engine::sqlite
