#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/limits.h"
#include "core/result.h"
#include "outbound/address_guard.h"

namespace dunlin::outbound {

namespace asio = boost::asio;

class Transfers;

using Headers = std::vector<std::pair<std::string, std::string>>;

struct FetchRequest {
    std::string method = "GET";
    std::string url;  // http or https, without a user name
    Headers headers{};
    std::string body{};
};

struct FetchLimits {
    std::size_t body_bytes_max = limits::fetch_body_bytes_max;
    /// From the call to the last byte of the answer, redirects each anew.
    std::chrono::milliseconds time_max = limits::fetch_timeout;
    /// Of GET and HEAD only; never from https to http; credentials stay with the first origin.
    std::size_t redirects_max = 0;
};

struct FetchResponse {
    int status = 0;
    Headers headers{};  // names in lower case, in the order they came
    std::string body{};

    /// The first header of this name (lower case); "" when there is none.
    std::string_view header(std::string_view name) const;
};

/// Asks other servers over HTTP, without proxy, cookies or compression; certificates are verified.
/// Immutable, thread-safe.
class Fetcher {
public:
    /// `transfers` is borrowed.
    Fetcher(Transfers& transfers, AddressGuard guard);

    /// Any HTTP status is an answer. Fails with InvalidInput when the request is malformed,
    /// Forbidden when the guard refuses the address, Unavailable when there was no complete answer
    /// within the limits: no such host, no connection, bad certificate, too slow, too large.
    asio::awaitable<Result<FetchResponse>> fetch(FetchRequest request, FetchLimits limits = {});

private:
    Transfers& transfers_;
    AddressGuard guard_;
};

}  // namespace dunlin::outbound
