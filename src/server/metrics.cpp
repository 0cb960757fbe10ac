#include "server/metrics.h"

namespace dunlin::server {

std::vector<api::Metric> all_metrics(const http::ServerStatistics& http,
                                     const engine::EngineStatistics& engine, Position last) {
    return {
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
}

}  // namespace dunlin::server
