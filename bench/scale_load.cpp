// Load for live at scale: one generator, five modes. Every message is checked by who gets it:
// missing, twice or late, not meant for him.
//
//   bench_scale_load --mode idle|paced|replay|snapshot|storm --way
//   changes|feed|broadcast|relay|redis
//                    --port P --pid PID --key KEY --receivers N --audience everybody|nobody|own|…
//                    [--lanes N] [--group N] [--rate R] [--seconds S] [--payload-bytes B]
//                    [--writers N] [--events N] [--spread S] [--tokens 1] [--table T]
//
// What they mean: plan.h and scale_modes.h. Prints one line of JSON.

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <map>

#include "scale_modes.h"

namespace dunlin::bench {

std::int64_t kernel_slab_bytes() {
    std::ifstream file("/proc/meminfo");
    std::string name;
    std::int64_t kib = 0;
    for (std::string unit; file >> name >> kib; std::getline(file, unit)) {
        if (name == "Slab:") return kib * 1024;
    }
    fail("/proc/meminfo has no Slab");
}

std::string counters_json(std::uint64_t delivered, std::uint64_t missing, std::uint64_t repeated,
                          std::uint64_t foreign) {
    return fmt::format(R"("delivered":{},"missing":{},"repeated":{},"foreign":{})", delivered,
                       missing, repeated, foreign);
}

}  // namespace dunlin::bench

int main(int argc, char** argv) {
    using namespace dunlin::bench;
    const Arguments arguments(argc, argv);
    raise_file_limit();
    const Plan plan(arguments);
    const auto decimal = [&](const char* name, const char* fallback) {
        return std::strtod(arguments.text(name, fallback).c_str(), nullptr);
    };
    const Measured measured{
        .pid = static_cast<int>(arguments.number("pid", 0)),
        .seconds = decimal("seconds", "10"),
        .rate = decimal("rate", "100"),
        .writers = static_cast<std::size_t>(arguments.number("writers", 1)),
        .events = static_cast<std::uint64_t>(arguments.number("events", 1000)),
        .spread_s = decimal("spread", "20"),
    };
    const std::map<std::string, void (*)(const Plan&, const Measured&)> modes{
        {"idle", measure_idle},
        {"paced", measure_paced},
        {"replay", measure_replay},
        {"snapshot", measure_snapshot},
        {"storm", measure_storm}};
    const auto mode = modes.find(arguments.text("mode", "paced"));
    if (mode == modes.end()) fail("unknown --mode");
    mode->second(plan, measured);
    std::fflush(stdout);
    // The kernel closes the sockets faster than their destructors.
    std::_Exit(0);
}
