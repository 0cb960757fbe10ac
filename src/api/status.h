#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/histogram.h"
#include "http/server.h"

namespace dunlin::api {

namespace asio = boost::asio;

/// One number of `/metrics`, in Prometheus' text format (version 0.0.4), or one histogram.
struct Metric {
    std::string_view name;
    std::string_view help;
    std::string_view type;  // "counter", "gauge" or "histogram"
    std::uint64_t value = 0;
    std::optional<Histogram> histogram{};
    double unit = 1;  // what one of the histogram's numbers is in the unit of the metric's name
};

/// `GET /healthz`: 200 `{"status":"ok",...}` while `healthy` says so, else 503.
http::Handler health(std::function<bool()> healthy, std::string version);

/// `GET /metrics`. `read` is called on each request, on any loop.
http::Handler metrics(std::function<asio::awaitable<std::vector<Metric>>()> read);

}  // namespace dunlin::api
