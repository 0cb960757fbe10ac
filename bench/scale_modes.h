#pragma once

#include <cstdint>
#include <string>

#include "plan.h"
#include "support.h"

/// The modes of bench_scale_load. Each prints one line of JSON, or ends the program.
namespace dunlin::bench {

struct Measured {
    int pid = 0;  // the server
    double seconds = 0;
    double rate = 0;  // messages a second
    std::size_t writers = 0;
    std::uint64_t events = 0;
    double spread_s = 0;  // in which those cut off come back
};

/// All joined, nothing to hear: memory, and processor time with a ping of each every 25 s.
void measure_idle(const Plan& plan, const Measured& measured);
/// Messages at fixed times, whether or not the last has arrived.
void measure_paced(const Plan& plan, const Measured& measured);
/// Everybody asks for the same events of the past.
void measure_replay(const Plan& plan, const Measured& measured);
/// All rows of a table to each receiver.
void measure_snapshot(const Plan& plan, const Measured& measured);
/// All are cut off while writing goes on, and come back where they were.
void measure_storm(const Plan& plan, const Measured& measured);

/// What the kernel keeps in its slabs, all processes, and the buffers of TCP.
std::int64_t kernel_slab_bytes();
/// `"delivered":…,"missing":…,"repeated":…,"foreign":…`
std::string counters_json(std::uint64_t delivered, std::uint64_t missing, std::uint64_t repeated,
                          std::uint64_t foreign);

}  // namespace dunlin::bench
