#pragma once

#include <functional>
#include <string>
#include <vector>

#include "http/server.h"

namespace dunlin::api {

/// One number of `/metrics`, in Prometheus' text format (version 0.0.4).
struct Metric {
    std::string_view name;
    std::string_view help;
    std::string_view type;  // "counter" or "gauge"
    std::uint64_t value = 0;
};

/// `GET /healthz`: 200 `{"status":"ok",...}` while `healthy` says so, else 503.
http::Handler health(std::function<bool()> healthy, std::string version);

/// `GET /metrics`. `read` is called on each request, on any loop.
http::Handler metrics(std::function<std::vector<Metric>()> read);

}  // namespace dunlin::api
