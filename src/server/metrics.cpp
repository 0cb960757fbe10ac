#include "server/metrics.h"

namespace dunlin::server {

namespace {

constexpr double seconds_per_us = 1e-6;

/// Of all loops together.
std::vector<api::Metric> live_metrics(const api::LiveFacts::Statistics& loops) {
    realtime::ShardStatistics live;
    std::uint64_t silent = 0;
    for (const auto& loop : loops) {
        silent += loop ? 0 : 1;
        if (loop) live.add(*loop);
    }
    return {
        {"dunlin_live_silent_loops", "Loops that do not answer.", "gauge", silent},
        {"dunlin_live_clients", "Open live sockets.", "gauge", live.clients},
        {"dunlin_live_channels", "Joined channels.", "gauge", live.channels},
        {"dunlin_live_topics", "Topics with channels, by loop.", "gauge", live.topics},
        {"dunlin_live_broadcasts_total", "Broadcasts taken.", "counter", live.broadcasts},
        {"dunlin_live_subscriptions", "Tables that bindings follow.", "gauge", live.subscriptions},
        {"dunlin_live_identities", "Different identities, by loop.", "gauge", live.principals},
        {"dunlin_live_unindexed_filters", "Filters that no index serves.", "gauge",
         live.unindexed_filters},
        {"dunlin_live_joins_total", "Joins answered with ok.", "counter", live.joins_ok},
        {"dunlin_live_joins_refused_total", "Joins refused.", "counter", live.joins_refused},
        {"dunlin_live_changes_total", "Changes matched, by each loop.", "counter", live.changes},
        {"dunlin_live_candidates_total", "Groups looked at for changes.", "counter",
         live.candidates},
        {"dunlin_live_matches_total", "Subscriptions that changes concerned.", "counter",
         live.matches},
        {"dunlin_live_frames_total", "Frames handed to sockets.", "counter", live.frames},
        {"dunlin_live_reader_loads_total", "Loads of rights.", "counter", live.reader_loads},
        {"dunlin_live_reader_failures_total", "Loads of rights that failed.", "counter",
         live.reader_failures},
        {"dunlin_live_held_commits", "Commits that wait for rights, by each loop.", "gauge",
         live.held_batches},
        {"dunlin_live_held_changes", "Changes that the slowest loop is behind.", "gauge",
         live.held_changes},
        {"dunlin_live_candidates_per_change", "Groups looked at for one change.", "histogram", 0,
         live.candidates_per_change},
        {"dunlin_live_delivery_seconds", "From a commit to its last frame in a socket's queue.",
         "histogram", 0, live.latency_us, seconds_per_us},
    };
}

}  // namespace

std::vector<api::Metric> all_metrics(const http::ServerStatistics& http,
                                     const engine::EngineStatistics& engine, Position last,
                                     const api::LiveFacts::Statistics& live) {
    std::vector<api::Metric> all = {
        {"dunlin_http_connections", "Open connections.", "gauge", http.connections},
        {"dunlin_http_websockets", "Open WebSockets.", "gauge", http.websockets},
        {"dunlin_http_streams", "Open streamed answers.", "gauge", http.streams},
        {"dunlin_http_lagging_websockets", "WebSockets whose readers lag.", "gauge",
         http.lagging_websockets},
        {"dunlin_http_queue_bytes", "Bytes that wait for slow readers.", "gauge", http.queue_bytes},
        {"dunlin_http_body_bytes", "Bytes of bodies and unfinished messages.", "gauge",
         http.body_bytes},
        {"dunlin_http_slow_streams_total", "Streamed answers cut for slow readers.", "counter",
         http.slow_streams},
        {"dunlin_http_slow_websockets_total", "WebSockets closed for slow readers.", "counter",
         http.slow_websockets},
        {"dunlin_http_evictions_total", "Queues dropped to make room.", "counter", http.evictions},
        {"dunlin_http_refused_connections_total", "Connections over the limit.", "counter",
         http.refused_connections},
        {"dunlin_http_refused_upgrades_total", "WebSocket handshakes put off with 503.", "counter",
         http.refused_upgrades},
        {"dunlin_http_requests_total", "Requests answered.", "counter", http.requests},
        {"dunlin_http_errors_4xx_total", "Requests refused.", "counter", http.errors_4xx},
        {"dunlin_http_errors_5xx_total", "Requests failed.", "counter", http.errors_5xx},
        {"dunlin_http_sent_bytes_total", "Bytes sent.", "counter", http.bytes_sent},
        {"dunlin_database_commits_total", "Group commits.", "counter", engine.commits},
        {"dunlin_database_writes_total", "Units of work committed.", "counter", engine.units},
        {"dunlin_database_reads_total", "Reads.", "counter", engine.reads},
        {"dunlin_database_write_queue", "Writes that wait.", "gauge", engine.write_queue},
        {"dunlin_log_position", "Last position of the change log.", "counter", last.sequence},
    };
    auto of_live = live_metrics(live);
    all.insert(all.end(), of_live.begin(), of_live.end());
    return all;
}

}  // namespace dunlin::server
