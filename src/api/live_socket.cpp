#include "api/live_socket.h"

#include "api/rest.h"
#include "core/check.h"
#include "core/limits.h"

namespace dunlin::api {

namespace {

/// Carries frames between one WebSocket and its loop's shard.
class LiveSocket final : public http::WebSocketHandler, public realtime::Outlet {
public:
    LiveSocket(realtime::Shard& shard, realtime::Version version, Identity identity,
               std::string device)
        : shard_(shard),
          version_(version),
          identity_(std::move(identity)),
          device_(std::move(device)) {}

    void opened(http::WebSocket& socket) override {
        socket_ = &socket;
        client_ = shard_.connect(*this, version_, std::move(identity_), std::move(device_));
    }
    void text(std::string_view message) override { shard_.receive(client_, message); }
    void binary(std::string_view message) override { shard_.receive_binary(client_, message); }
    void lagging() override { is_writable_ = false; }
    void caught_up() override {
        is_writable_ = true;
        shard_.writable(client_);
    }
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
    std::size_t queued_bytes() const override {
        return socket_ == nullptr ? 0 : socket_->queued_bytes();
    }

    bool is_writable() const override { return is_writable_; }

private:
    realtime::Shard& shard_;
    http::WebSocket* socket_ = nullptr;
    realtime::ClientId client_{};
    realtime::Version version_;
    Identity identity_;
    std::string device_;
    bool is_writable_ = true;
};

Result<std::string> device_of(const http::Request& request) {
    std::string device = request.parameter("device").value_or("");
    if (device.size() <= limits::device_name_bytes_max) return device;
    return std::unexpected(Error{
        ErrorCode::InvalidInput,
        "device may have " + std::to_string(limits::device_name_bytes_max) + " bytes at most"});
}

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
        auto device = device_of(request);
        if (!device) return std::unexpected(device.error());
        CHECK(request.loop < shards.size());
        return std::make_unique<LiveSocket>(*shards[request.loop], *version, std::move(*identity),
                                            std::move(*device));
    };
}

}  // namespace dunlin::api
