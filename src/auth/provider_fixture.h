#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auth/issuer_documents.h"
#include "auth/jwk.h"
#include "core/clock.h"

namespace dunlin::auth {

/// Runs a coroutine to its end on a loop of its own.
template <typename T>
T await(asio::awaitable<T> coroutine) {
    asio::io_context loop;
    auto result = asio::co_spawn(loop, std::move(coroutine), asio::use_future);
    loop.run();
    return result.get();
}

/// Stands still until a test moves it.
class TestClock final : public Clock {
public:
    static constexpr std::int64_t start_s = 1'800'000'000;
    std::int64_t now_us() const override { return now_s * 1'000'000; }
    std::int64_t now_s = start_s;
};

/// A key pair that a provider might have.
class TestKey {
public:
    static TestKey rsa(std::string id);
    static TestKey p256(std::string id);

    /// A JWT; `header` is completed with alg and kid unless it has them.
    std::string sign(const boost::json::object& claims, boost::json::object header = {}) const;
    std::string sign_text(std::string_view signed_text) const;
    boost::json::object jwk() const;
    std::string private_pem() const;

private:
    TestKey(std::string id, SignatureAlgorithm algorithm, EVP_PKEY* key);

    std::string id_;
    SignatureAlgorithm algorithm_;
    std::shared_ptr<EVP_PKEY> key_;  // owned by the copies of this key
};

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

/// "" or the message, with the details in brackets.
template <typename T>
std::string refusal_of(const Result<T>& result) {
    if (result) return "";
    const Error& error = result.error();
    return error.details.empty() ? error.message : error.message + " (" + error.details + ")";
}

}  // namespace dunlin::auth
