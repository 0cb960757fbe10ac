#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace dunlin::auth {

/// A password on its way to be hashed: in one place of the heap, which moving does not copy and
/// which is overwritten at the end. (A short std::string leaves a copy behind with every move.)
class SecretText {
public:
    /// Takes the text and overwrites it where it was.
    explicit SecretText(std::string&& text);
    SecretText(SecretText&& other) noexcept = default;
    SecretText& operator=(SecretText&&) = delete;
    ~SecretText();

    std::string_view view() const { return {bytes_.get(), size_}; }

private:
    std::unique_ptr<char[]> bytes_;  // null when moved from
    std::size_t size_;
};

}  // namespace dunlin::auth
