#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace dunlin::query {

/// Where a parser stopped and what it wanted there, in the words of PostgREST's parser.
struct ParseFailure {
    std::size_t position = 0;  // bytes
    std::string expecting{};
    std::optional<Error> refusal{};  // replaces the worded error: a limit, a bad list
};

template <typename T>
using Parsed = std::expected<T, ParseFailure>;

/// Reads a text from left to right. Borrows the text.
class Cursor {
public:
    explicit Cursor(std::string_view text) : text_(text) {}

    bool at_end() const { return position_ == text_.size(); }
    char peek() const { return at_end() ? '\0' : text_[position_]; }
    bool ahead(std::string_view word) const { return rest().starts_with(word); }
    std::string_view rest() const { return text_.substr(position_); }
    std::string_view text() const { return text_; }
    std::size_t position() const { return position_; }

    bool take(std::string_view word) {
        if (!ahead(word)) return false;
        position_ += word.size();
        return true;
    }
    void skip(std::size_t bytes) { position_ += bytes; }
    void skip_blanks() {
        while (peek() == ' ') ++position_;
    }

    /// The bytes up to one of `stops` or the end, which are passed.
    std::string_view take_until(std::string_view stops);

    std::unexpected<ParseFailure> fail(std::string expecting) const {
        return std::unexpected(ParseFailure{position_, std::move(expecting)});
    }
    static std::unexpected<ParseFailure> refuse(Error error) {
        return std::unexpected(ParseFailure{0, {}, std::move(error)});
    }

private:
    std::string_view text_;
    std::size_t position_ = 0;
};

/// PGRST100: `"failed to parse WHAT (SHOWN)" (line 1, column N)`, details `unexpected "x" expecting
/// …`. `parsed` is the text that the cursor went over.
Error parse_error(std::string_view what, std::string_view shown, std::string_view parsed,
                  const ParseFailure& failure);

Error limit_error(std::string message);

}  // namespace dunlin::query
