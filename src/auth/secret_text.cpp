#include "auth/secret_text.h"

#include <sodium.h>

#include <cstring>

namespace dunlin::auth {

SecretText::SecretText(std::string&& text)
    : bytes_(std::make_unique<char[]>(text.size())), size_(text.size()) {
    std::memcpy(bytes_.get(), text.data(), size_);
    sodium_memzero(text.data(), text.size());
    text.clear();
}

SecretText::~SecretText() {
    if (bytes_) sodium_memzero(bytes_.get(), size_);
}

}  // namespace dunlin::auth
