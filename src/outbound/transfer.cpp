#include "outbound/transfer.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace dunlin::outbound {

Transfer::Transfer(std::chrono::milliseconds time_max)
    : deadline_(std::chrono::steady_clock::now() + time_max), easy_(curl_easy_init()) {
    CHECK(easy_ != nullptr);  // Out of memory.
    set(CURLOPT_ERRORBUFFER, explanation_.data());
    set(CURLOPT_NOSIGNAL, 1L);
    // A resolver that hangs would otherwise hold up every transfer when one of them times out.
    set(CURLOPT_QUICK_EXIT, 1L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_CONNECTTIMEOUT_MS,
        static_cast<long>(std::chrono::milliseconds(limits::outbound_connect_timeout).count()));
    set(CURLOPT_WRITEFUNCTION, &Transfer::take_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Transfer::take_head);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
    set(CURLOPT_OPENSOCKETDATA, this);
    set(CURLOPT_PRIVATE, this);
}

void Transfer::append(List& list, const std::string& text) {
    curl_slist* longer = curl_slist_append(list.get(), text.c_str());
    CHECK(longer != nullptr);  // Out of memory.
    static_cast<void>(list.release());
    list.reset(longer);
}

void Transfer::add_header(const std::string& line) {
    append(headers_, line);
    set(CURLOPT_HTTPHEADER, headers_.get());
}

void Transfer::add_recipient(const std::string& address) {
    append(recipients_, address);
    set(CURLOPT_MAIL_RCPT, recipients_.get());
}

void Transfer::set_upload(std::string content) {
    upload_ = std::move(content);
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_READFUNCTION, &Transfer::give_upload);
    set(CURLOPT_READDATA, this);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(upload_.size()));
}

void Transfer::set_answer_limits(std::size_t body_bytes_max, std::size_t head_bytes_max) {
    body_bytes_max_ = body_bytes_max;
    head_bytes_max_ = head_bytes_max;
}

void Transfer::allow_private_addresses() {
    privacy_ = Privacy::MayBePrivate;
    // Connections are shared by host name: one that was opened with this permission must not serve
    // a transfer without it, neither later nor, by HTTP/2, at the same time.
    set(CURLOPT_FORBID_REUSE, 1L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
}

std::chrono::milliseconds Transfer::time_left() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ -
                                                                 std::chrono::steady_clock::now());
}

int Transfer::status() const {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    return static_cast<int>(status);
}

std::string Transfer::redirect_url() const {
    const char* url = nullptr;
    curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &url);
    return url == nullptr ? "" : url;
}

std::size_t Transfer::take_body(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::size_t bytes = size * count;
    if (transfer.body_.size() + bytes > transfer.body_bytes_max_) {
        transfer.limit_hit_ = transfer.body_bytes_max_;
        return 0;  // Ends the transfer.
    }
    transfer.body_.append(data, bytes);
    return bytes;
}

std::size_t Transfer::take_head(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::size_t bytes = size * count;
    transfer.head_bytes_ += bytes;
    if (transfer.head_bytes_ > transfer.head_bytes_max_) {
        transfer.limit_hit_ = transfer.head_bytes_max_;
        return 0;
    }
    std::string_view line(data, bytes);
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    // A status line begins another answer: 100 Continue came before (RFC 9110 section 15.2).
    if (line.starts_with("HTTP/")) transfer.head_.clear();
    if (!line.empty()) transfer.head_.emplace_back(line);
    return bytes;
}

std::size_t Transfer::give_upload(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::size_t bytes = std::min(size * count, transfer.upload_.size() - transfer.uploaded_);
    std::memcpy(data, transfer.upload_.data() + transfer.uploaded_, bytes);
    transfer.uploaded_ += bytes;
    return bytes;
}

curl_socket_t Transfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.privacy_ == Privacy::PublicOnly && !is_public_address(address->addr)) {
        transfer.address_refused_ = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

Error Transfer::failure(std::string_view host) const {
    const auto unavailable = [](std::string message) {
        return Error{ErrorCode::Unavailable, std::move(message)};
    };
    if (limit_hit_ != 0) {
        return unavailable(
            fmt::format("the answer of {} is larger than {} bytes", host, limit_hit_));
    }
    switch (code_) {
        case CURLE_COULDNT_CONNECT:
            if (address_refused_) {
                return Error{ErrorCode::Forbidden,
                             fmt::format("{} is at a private or reserved address", host)};
            }
            return unavailable(fmt::format("cannot connect to {}", host));
        case CURLE_COULDNT_RESOLVE_HOST:
            return unavailable(fmt::format("there is no host {}", host));
        case CURLE_OPERATION_TIMEDOUT:
            return unavailable(fmt::format("{} did not answer in time", host));
        case CURLE_PEER_FAILED_VERIFICATION:
            return unavailable(fmt::format("the certificate of {} is not trusted", host));
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_USE_SSL_FAILED:
            return unavailable(fmt::format("{} does not speak TLS as it must", host));
        default:
            return unavailable(fmt::format(
                "the connection to {} failed: {}", host,
                explanation_[0] == 0 ? curl_easy_strerror(code_) : explanation_.data()));
    }
}

}  // namespace dunlin::outbound
