#include "api/status.h"

#include <fmt/format.h>

namespace dunlin::api {

namespace {

asio::awaitable<http::Response> answer_health(bool healthy, std::string version) {
    co_return http::Response::json(healthy ? 200 : 503,
                                   fmt::format(R"({{"status":"{}","version":"{}"}})",
                                               healthy ? "ok" : "unavailable", version));
}

void print_histogram(const Metric& metric, const Histogram& histogram, std::string& out) {
    const auto bounds = histogram.bounds();
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        out += fmt::format("{}_bucket{{le=\"{}\"}} {}\n", metric.name,
                           static_cast<double>(bounds[i]) * metric.unit, histogram.count_up_to(i));
    }
    out += fmt::format("{0}_bucket{{le=\"+Inf\"}} {1}\n{0}_sum {2}\n{0}_count {1}\n", metric.name,
                       histogram.count(), static_cast<double>(histogram.sum()) * metric.unit);
}

using MetricReader = std::function<asio::awaitable<std::vector<Metric>>()>;

/// `read` belongs to the handler, which outlives its answers.
asio::awaitable<http::Response> answer_metrics(const MetricReader& read) {
    http::Response response;
    response.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    for (const Metric& metric : co_await read()) {
        response.body +=
            fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", metric.name, metric.help, metric.type);
        if (metric.histogram) {
            print_histogram(metric, *metric.histogram, response.body);
        } else {
            response.body += fmt::format("{} {}\n", metric.name, metric.value);
        }
    }
    co_return response;
}

}  // namespace

http::Handler health(std::function<bool()> healthy, std::string version) {
    return [healthy = std::move(healthy), version = std::move(version)](const http::Request&) {
        return answer_health(healthy(), version);
    };
}

http::Handler metrics(MetricReader read) {
    return [read = std::move(read)](const http::Request&) { return answer_metrics(read); };
}

}  // namespace dunlin::api
