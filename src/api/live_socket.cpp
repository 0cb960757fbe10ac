#include "api/live_socket.h"

#include "api/rest.h"
#include "core/check.h"

namespace dunlin::api {

namespace {

/// Carries frames between one WebSocket and its loop's shard.
class LiveSocket final : public http::WebSocketHandler, public realtime::Outlet {
public:
    LiveSocket(realtime::Shard& shard, realtime::Version version, Identity identity)
        : shard_(shard), version_(version), identity_(std::move(identity)) {}

    void opened(http::WebSocket& socket) override {
        socket_ = &socket;
        client_ = shard_.connect(*this, version_, std::move(identity_));
    }
    void text(std::string_view message) override { shard_.receive(client_, message); }
    void binary(std::string_view message) override { shard_.receive_binary(client_, message); }
    void closed() override {
        socket_ = nullptr;
        shard_.disconnect(client_);
    }

    void send(const wire::Frame& frame) override {
        if (socket_ != nullptr) socket_->send(frame);
    }
    void close(std::uint16_t code, std::string_view reason) override {
        if (socket_ != nullptr) socket_->close(code, reason);
    }

private:
    realtime::Shard& shard_;
    http::WebSocket* socket_ = nullptr;
    realtime::ClientId client_{};
    realtime::Version version_;
    Identity identity_;
};

/// The socket's framing; a missing `vsn` means 1.0.0, as upstream has it.
Result<realtime::Version> version_of(const http::Request& request) {
    const std::string vsn = request.parameter("vsn").value_or("1.0.0");
    if (vsn == "1.0.0") return realtime::Version::V1;
    if (vsn == "2.0.0") return realtime::Version::V2;
    return std::unexpected(Error{ErrorCode::InvalidInput, "vsn must be 1.0.0 or 2.0.0"});
}

}  // namespace

http::WebSocketFactory live_sockets(const auth::Authenticator& authenticator,
                                    std::vector<realtime::Shard*> shards) {
    return [&authenticator, shards = std::move(shards)](
               const http::Request& request) -> Result<std::unique_ptr<http::WebSocketHandler>> {
        auto key = request.parameter("apikey").value_or(std::string(request.header("x-api-key")));
        auto identity = authenticator.authenticate(key, "");
        if (!identity) return std::unexpected(identity.error());
        const auto version = version_of(request);
        if (!version) return std::unexpected(version.error());
        CHECK(request.loop < shards.size());
        return std::make_unique<LiveSocket>(*shards[request.loop], *version, std::move(*identity));
    };
}

}  // namespace dunlin::api
