#pragma once

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/check.h"
#include "core/limits.h"
#include "core/result.h"
#include "outbound/address_guard.h"

namespace dunlin::outbound {

/// One conversation with another server as libcurl performs it, with everything that its options
/// point to, and afterwards what came of it. Belongs to whoever prepared it, to the outbound thread
/// while it runs, then to its owner again. This header is for this module only.
class Transfer {
public:
    /// `time_max` starts now, so that waiting for a place counts.
    explicit Transfer(std::chrono::milliseconds time_max);
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    template <typename Value>
    void set(CURLoption option, Value value) {
        CHECK(curl_easy_setopt(easy_.get(), option, value) == CURLE_OK);
    }
    /// A line of the request's head, "Name: value".
    void add_header(const std::string& line);
    void add_recipient(const std::string& address);
    /// What is sent when the protocol asks for it (mail).
    void set_upload(std::string content);
    void set_answer_limits(std::size_t body_bytes_max, std::size_t head_bytes_max);
    /// Default PublicOnly.
    void allow_private_addresses();

    CURL* easy() const { return easy_.get(); }
    /// Time left; not positive when it is over.
    std::chrono::milliseconds time_left() const;
    void finish(CURLcode code) { code_ = code; }

    bool succeeded() const { return code_ == CURLE_OK; }
    CURLcode code() const { return code_; }
    /// HTTP status or SMTP reply code of the last answer; 0 when there was none.
    int status() const;
    /// Where a redirect points, as an absolute URL; "" when the answer is none.
    std::string redirect_url() const;
    /// Lines of the answer's head without their ends; of the last answer, when there were several.
    const std::vector<std::string>& head() const { return head_; }
    std::string& body() { return body_; }

    /// Why the transfer failed, for a person, about the server called `host`. Forbidden when its
    /// address is not public, else Unavailable.
    Error failure(std::string_view host) const;

private:
    enum class Privacy { MayBePrivate, PublicOnly };
    struct EasyCloser {
        void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
    };
    struct ListCloser {
        void operator()(curl_slist* list) const { curl_slist_free_all(list); }
    };
    using List = std::unique_ptr<curl_slist, ListCloser>;

    static void append(List& list, const std::string& text);
    static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t take_head(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t give_upload(char* data, std::size_t size, std::size_t count, void* self);
    static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

    std::chrono::steady_clock::time_point deadline_;
    Privacy privacy_ = Privacy::PublicOnly;
    std::size_t body_bytes_max_ = limits::fetch_body_bytes_max;
    std::size_t head_bytes_max_ = limits::fetch_header_bytes_max;

    List headers_;
    List recipients_;
    std::string upload_;
    std::size_t uploaded_ = 0;

    std::vector<std::string> head_;
    std::size_t head_bytes_ = 0;
    std::string body_;
    std::size_t limit_hit_ = 0;  // the limit that the answer went over
    bool address_refused_ = false;
    CURLcode code_ = CURLE_OK;
    std::array<char, CURL_ERROR_SIZE> explanation_{};

    std::unique_ptr<CURL, EasyCloser> easy_;  // Last: it goes before what its options point to.
};

}  // namespace dunlin::outbound
