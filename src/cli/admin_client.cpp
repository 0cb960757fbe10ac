#include "cli/admin_client.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "cli/user_text.h"
#include "server/keys.h"

namespace dunlin::cli {

namespace json = boost::json;

namespace {

constexpr std::size_t answer_bytes_max = 16 * 1024 * 1024;

/// Where a server that listens on `host` is reached from this machine.
std::string reachable(const std::string& host) {
    if (host == "0.0.0.0") return "127.0.0.1";
    if (host == "::") return "[::1]";
    return host.contains(':') ? "[" + host + "]" : host;
}

Error refusal(const outbound::FetchResponse& response, const json::value& body) {
    Error error{ErrorCode::InvalidInput, text_at(body, "msg"), text_at(body, "error_code")};
    if (error.message.empty()) {
        error.message = fmt::format("the server answers {}", response.status);
    }
    if (error.sqlstate == "bad_jwt") {
        error.hint =
            "The server runs with other keys than this folder has: give the --data and --dev that "
            "it was started with.";
    }
    return error;
}

}  // namespace

Result<AdminClient> AdminClient::open(const server::CommandLine& line, std::string url) {
    const auto settings = server::load_settings(line);
    if (!settings) return std::unexpected(settings.error());
    const auto keys = server::project_keys(*settings);
    if (!keys) return std::unexpected(keys.error());
    auto transfers = outbound::Transfers::open();
    if (!transfers) return std::unexpected(transfers.error());
    AdminClient client;
    client.url_ = std::move(url);
    while (client.url_.ends_with('/')) client.url_.pop_back();
    if (client.url_.empty()) {
        client.url_ = fmt::format("http://{}:{}", reachable(settings->host), settings->port);
    }
    client.key_ = keys->service_role_key;
    client.project_ = settings->project.string();
    client.transfers_ = std::move(*transfers);
    return client;
}

/// Runs a coroutine to its end on this thread.
Result<outbound::FetchResponse> AdminClient::wait_for(
    boost::asio::awaitable<Result<outbound::FetchResponse>> fetching) {
    loop_->restart();
    const auto guard = boost::asio::make_work_guard(*loop_);  // What it waits for is on no loop.
    Result<outbound::FetchResponse> answered =
        std::unexpected(Error{ErrorCode::Internal, "the request was broken off"});
    boost::asio::co_spawn(
        *loop_, std::move(fetching),
        [&](const std::exception_ptr& failure, Result<outbound::FetchResponse> response) {
            if (!failure) answered = std::move(response);
            loop_->stop();
        });
    loop_->run();
    return answered;
}

Result<json::value> AdminClient::call(std::string method, std::string path, json::value body) {
    outbound::FetchRequest request{
        .method = std::move(method),
        .url = url_ + "/auth/v1/admin/" + path,
        .headers = {{"apikey", key_}, {"Authorization", "Bearer " + key_}},
        .body = body.is_null() ? "" : json::serialize(body)};
    if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    // The address is the operator's own word.
    outbound::Fetcher fetcher(*transfers_,
                              {.private_addresses = outbound::PrivateAddresses::Allowed});
    auto answered =
        wait_for(fetcher.fetch(std::move(request), {.body_bytes_max = answer_bytes_max}));
    if (!answered) {
        Error error = answered.error();
        error.message =
            fmt::format("no server of this project answers at {}: {}", url_, error.message);
        error.hint =
            fmt::format("Start it with dunlin serve {}, or say where it is with --url.", project_);
        return std::unexpected(std::move(error));
    }
    boost::system::error_code failure;
    const std::string& text = answered->body;
    json::value parsed = text.empty() ? json::value() : json::parse(text, failure);
    if (answered->status >= 300) return std::unexpected(refusal(*answered, parsed));
    if (failure) {
        return std::unexpected(Error{ErrorCode::Unavailable,
                                     fmt::format("what answers at {} is not this server", url_)});
    }
    return parsed;
}

}  // namespace dunlin::cli
