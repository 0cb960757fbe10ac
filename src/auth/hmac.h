#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

namespace dunlin::auth {

/// HMAC-SHA-256 (RFC 2104) with one key. Looking the algorithm up and preparing the key take longer
/// than a token's text does, so they are done once. Immutable, thread-safe.
class Hmac {
public:
    explicit Hmac(std::string_view key);

    /// The 32 bytes for `text`.
    std::string of(std::string_view text) const;

private:
    struct Deleter {
        void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
    };
    using Context = std::unique_ptr<EVP_MAC_CTX, Deleter>;

    Context keyed_;  // copied for each text
};

}  // namespace dunlin::auth
