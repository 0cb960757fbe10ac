#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "publisher.h"
#include "support.h"

/// Subscribers that hardly read, or not at all.
namespace dunlin::bench {

/// A third of them reads nothing, a third 100 bytes a second, and a third nothing with a window of
/// almost nothing. Each begins anew after a while, so that the server always has queues to fill.
class SlowReaders {
public:
    SlowReaders(const Target& target, std::size_t count);

    /// Connects all, without waiting for their answers.
    void join();
    /// Does what is due for a few of them; call often.
    void tick();

private:
    struct Reader {
        Descriptor socket;
        std::int64_t begin_at_ns = 0;
        std::int64_t read_at_ns = 0;
    };
    void begin(std::size_t number, std::int64_t now);
    void tick(std::size_t number, std::int64_t now);

    Target target_;
    std::vector<Reader> readers_;
    std::size_t next_ = 0;
};

}  // namespace dunlin::bench
