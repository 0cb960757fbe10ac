#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace dunlin::full_text {

/// A piece of text that becomes a lexeme.
struct Token {
    enum class Kind : std::uint8_t {
        Word,   // letters only: stemmed
        Plain,  // numbers, hosts, files and the like: kept
    };
    Kind kind = Kind::Word;
    std::string_view text;
};

/// Cuts UTF-8 text as PostgreSQL's default parser does: words, words with digits, hyphenated words
/// and then their parts, numbers, versions, e-mail addresses, hosts, URLs with their parts, files.
/// Tags, entities and protocols are passed over. In time linear to the text.
class TokenReader {
public:
    explicit TokenReader(std::string_view text) : text_(text) {}

    /// False at the end.
    bool next(Token& token);

private:
    static constexpr std::size_t none = std::string_view::npos;

    // Each gives the end of what begins at `from`, or none.
    std::size_t host_end(std::size_t from, std::size_t run_end) const;
    std::size_t run_end(std::size_t from) const;
    std::size_t email_end(std::size_t run_end) const;
    std::size_t file_end(std::size_t from) const;
    std::size_t path_start_end(std::size_t from) const;
    std::size_t tag_end(std::size_t from);
    std::size_t entity_end(std::size_t from) const;
    std::size_t signed_number_end(std::size_t from) const;
    std::size_t exponent_end(std::size_t from) const;
    std::size_t digits_end(std::size_t from) const;
    std::size_t word_end(std::size_t from, bool& plain) const;
    std::size_t number_end(std::size_t from) const;

    bool take_address(std::size_t run);
    void take_word();
    bool take_hyphenated(std::size_t first_end, bool first_plain);
    bool take_mark(char c);
    void take_other();
    void skip_script();
    void give(Token::Kind kind, std::size_t end);

    char at(std::size_t index) const { return index < text_.size() ? text_[index] : '\0'; }

    std::string_view text_;
    std::size_t at_ = 0;
    /// Behind a blank, `~` and `.` begin nothing.
    bool behind_token_ = true;
    bool comment_open_ = false;  // a comment that does not end was seen
    /// Before this no address begins that has not been found.
    std::size_t addresses_known_ = 0;
    std::vector<Token> ready_;  // last first
};

}  // namespace dunlin::full_text
