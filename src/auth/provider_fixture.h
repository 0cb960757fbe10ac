#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "auth/issuer_documents.h"
#include "auth/key_pair.h"

namespace dunlin::auth {

/// Runs a coroutine to its end on a loop of its own.
template <typename T>
T await(asio::awaitable<T> coroutine) {
    asio::io_context loop;
    auto result = asio::co_spawn(loop, std::move(coroutine), asio::use_future);
    loop.run();
    return result.get();
}

/// A key pair that a provider might have.
struct TestKey {
    std::string id;  // "" for tokens without kid
    KeyPair pair;

    /// A JWT; `header` is completed with alg and kid unless it has them.
    std::string sign(const boost::json::object& claims, boost::json::object header = {}) const;
    boost::json::object jwk() const;
};

TestKey rsa_key(std::string id);
TestKey p256_key(std::string id);

/// A JWK set of these keys.
std::string jwk_set(const std::vector<boost::json::object>& keys);

/// The Internet of a test: answers by URL, and what was asked.
class TestNet {
public:
    void put(std::string url, std::string body, int status = 200);
    FetchFunction fetch();
    /// Requests so far whose URL is this one.
    std::size_t count(std::string_view url) const;

    std::vector<outbound::FetchRequest> requests;

private:
    asio::awaitable<Result<outbound::FetchResponse>> answer(outbound::FetchRequest request);

    std::map<std::string, outbound::FetchResponse> answers_;
};

/// "" or the message, with the hint in brackets.
template <typename T>
std::string refusal_of(const Result<T>& result) {
    if (result) return "";
    const Error& error = result.error();
    return error.hint.empty() ? error.message : error.message + " (" + error.hint + ")";
}

}  // namespace dunlin::auth
