#include "auth/provider_fixture.h"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "auth/jws.h"

namespace dunlin::auth {

namespace json = boost::json;

TestKey rsa_key(std::string id) {
    return {std::move(id), KeyPair::generate(KeyAlgorithm::RS256)};
}

TestKey p256_key(std::string id) {
    return {std::move(id), KeyPair::generate(KeyAlgorithm::ES256)};
}

std::string TestKey::sign(const json::object& claims, json::object header) const {
    if (!header.contains("alg")) header["alg"] = algorithm_name(pair.algorithm());
    if (!id.empty() && !header.contains("kid")) header["kid"] = id;
    const std::string input = jws_signing_input(json::serialize(header), json::serialize(claims));
    return jws_token(input, pair.sign(input));
}

json::object TestKey::jwk() const {
    json::object jwk = pair.public_jwk();
    jwk["kid"] = id;
    return jwk;
}

std::string jwk_set(const std::vector<json::object>& keys) {
    json::array list;
    for (const auto& key : keys) list.push_back(key);
    return json::serialize(json::object{{"keys", std::move(list)}});
}

void TestNet::put(std::string url, std::string body, int status) {
    answers_[std::move(url)] = {.status = status, .body = std::move(body)};
}

FetchFunction TestNet::fetch() {
    return [this](outbound::FetchRequest request) { return answer(std::move(request)); };
}

std::size_t TestNet::count(std::string_view url) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(requests, [&](const auto& request) { return request.url == url; }));
}

asio::awaitable<Result<outbound::FetchResponse>> TestNet::answer(outbound::FetchRequest request) {
    requests.push_back(request);
    const auto found = answers_.find(request.url);
    if (found == answers_.end()) {
        co_return std::unexpected(Error{ErrorCode::Unavailable, "no answer from " + request.url});
    }
    co_return found->second;
}

}  // namespace dunlin::auth
