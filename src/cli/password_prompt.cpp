#include "cli/password_prompt.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>

namespace dunlin::cli {

namespace {

constexpr std::size_t line_bytes_max = 4096;

std::unexpected<Error> no_password(std::string message) {
    return std::unexpected(Error{ErrorCode::InvalidInput, std::move(message), "", "",
                                 "Type it when asked, or give it as a line on standard input."});
}

/// The terminal shows nothing of what is typed while this lives.
class SilentTerminal {
public:
    SilentTerminal() : is_terminal_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (!is_terminal_) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= ECHONL;
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    ~SilentTerminal() {
        if (is_terminal_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;

private:
    termios before_{};
    bool is_terminal_;
};

Result<std::string> read_line() {
    std::string line;
    int c = 0;
    while ((c = std::fgetc(stdin)) != EOF && c != '\n') {
        if (line.size() == line_bytes_max) return no_password("the password is too long");
        line.push_back(static_cast<char>(c));
    }
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) return no_password("no password was given");
    return line;
}

Result<std::string> ask(std::string_view question) {
    fmt::print(stderr, "{}: ", question);
    const SilentTerminal silent;
    return read_line();
}

}  // namespace

Result<std::string> read_new_password(std::string_view owner) {
    if (::isatty(STDIN_FILENO) == 0) return read_line();
    auto password = ask(fmt::format("New password of {}", owner));
    if (!password) return password;
    const auto again = ask("Again");
    if (!again) return again;
    if (*again != *password) return no_password("the two differ");
    return password;
}

}  // namespace dunlin::cli
