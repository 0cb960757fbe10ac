#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <string>

#include "core/result.h"
#include "outbound/fetch.h"
#include "outbound/transfers.h"
#include "server/settings.h"

namespace dunlin::cli {

/// Talks to the admin API of a running server, `/auth/v1/admin`
/// (docs/protocol/auth-administration.md), with the service role key of the project. Blocks.
class AdminClient {
public:
    /// `url` is "" for the address that the project's settings name. Fails when the settings or the
    /// keys cannot be read. Connects to nothing yet.
    static Result<AdminClient> open(const server::CommandLine& line, std::string url);

    /// `path` is below `/auth/v1/admin/`, its query included. A null `body` is none; an empty
    /// answer is null. Fails with what the server refuses, and with Unavailable, saying what to do,
    /// when it cannot be reached.
    Result<boost::json::value> call(std::string method, std::string path,
                                    boost::json::value body = {});

private:
    AdminClient() = default;
    Result<outbound::FetchResponse> wait_for(
        boost::asio::awaitable<Result<outbound::FetchResponse>> fetching);

    std::string url_;
    std::string key_;
    std::string project_;
    // Before the transfers: their thread may still be leaving it when an answer is here.
    std::unique_ptr<boost::asio::io_context> loop_ = std::make_unique<boost::asio::io_context>(1);
    std::unique_ptr<outbound::Transfers> transfers_;
};

}  // namespace dunlin::cli
