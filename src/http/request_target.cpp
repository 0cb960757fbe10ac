#include "http/request_target.h"

#include <algorithm>

namespace dunlin::http {

namespace {

constexpr std::size_t target_bytes_max = 8 * 1024;

std::unexpected<Error> refuse(const char* status, std::string message) {
    return std::unexpected(Error{ErrorCode::InvalidInput, std::move(message), "", status});
}

/// The value of a hexadecimal digit, or -1.
int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Takes scheme and authority off an absolute form. False when there is no plain host in it.
bool take_authority(std::string_view& target) {
    target.remove_prefix(target.find("//") + 2);
    const auto end = std::min(target.find_first_of("/?"), target.size());
    const auto authority = target.substr(0, end);
    target.remove_prefix(end);
    return !authority.empty() && authority.find('@') == authority.npos;
}

}  // namespace

Result<Target> parse_target(std::string_view text, Asterisk asterisk) {
    if (text.size() > target_bytes_max) return refuse("414", "the address is too long");
    const auto is_plain = [](char c) { return c > 0x20 && c < 0x7f && c != '#'; };
    if (!std::all_of(text.begin(), text.end(), is_plain)) {
        return refuse("400", "the address has characters that must be percent-encoded");
    }
    if (text == "*" && asterisk == Asterisk::Allowed) return Target{.path = "/", .query = ""};
    const bool absolute = text.starts_with("http://") || text.starts_with("https://");
    if (absolute && !take_authority(text)) return refuse("400", "the address has no plain host");
    if (!absolute && !text.starts_with('/')) {
        return refuse("400", "the address must begin with a slash");
    }
    const auto mark = std::min(text.find('?'), text.size());
    Target target;
    if (!decode_percent(text.substr(0, mark), target.path, false)) {
        return refuse("400", "the path has a bad percent-encoding");
    }
    if (target.path.empty()) target.path = "/";
    if (mark < text.size()) target.query = text.substr(mark + 1);
    return target;
}

bool decode_percent(std::string_view text, std::string& out, bool plus_is_blank) {
    out.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
        char character = text[i];
        if (character == '+' && plus_is_blank) character = ' ';
        if (character == '%') {
            if (text.size() - i < 3) return false;
            const int high = digit_of(text[i + 1]);
            const int low = digit_of(text[i + 2]);
            if (high < 0 || low < 0) return false;
            character = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (character == '\0') return false;
        out.push_back(character);
    }
    return true;
}

}  // namespace dunlin::http
