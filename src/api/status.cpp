#include "api/status.h"

#include <fmt/format.h>

namespace dunlin::api {

namespace asio = boost::asio;

namespace {

asio::awaitable<http::Response> answer_health(bool healthy, std::string version) {
    co_return http::Response::json(healthy ? 200 : 503,
                                   fmt::format(R"({{"status":"{}","version":"{}"}})",
                                               healthy ? "ok" : "unavailable", version));
}

asio::awaitable<http::Response> answer_metrics(std::vector<Metric> values) {
    http::Response response;
    response.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    for (const Metric& metric : values) {
        response.body +=
            fmt::format("# HELP {} {}\n# TYPE {} {}\n{} {}\n", metric.name, metric.help,
                        metric.name, metric.type, metric.name, metric.value);
    }
    co_return response;
}

}  // namespace

http::Handler health(std::function<bool()> healthy, std::string version) {
    return [healthy = std::move(healthy), version = std::move(version)](const http::Request&) {
        return answer_health(healthy(), version);
    };
}

http::Handler metrics(std::function<std::vector<Metric>()> read) {
    return [read = std::move(read)](const http::Request&) { return answer_metrics(read()); };
}

}  // namespace dunlin::api
