#include "http/ascii.h"

#include <algorithm>

namespace dunlin::http {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// `;q=0`, `; q=0.0`: the weight that refuses.
bool is_refused(std::string_view parameters) {
    const auto equals = parameters.find('=');
    if (equals == parameters.npos) return false;
    const auto weight = trim(parameters.substr(equals + 1));
    return equal_ignoring_case(trim(parameters.substr(0, equals)), "q") &&
           weight.starts_with('0') && weight.find_first_not_of("0.") == weight.npos;
}

}  // namespace

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (lower(left[i]) != lower(right[i])) return false;
    }
    return true;
}

std::string_view trim(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    return text;
}

bool is_token(std::string_view text) {
    constexpr std::string_view symbols = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               symbols.find(c) != symbols.npos;
    });
}

bool is_field_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto code = static_cast<unsigned char>(c);
        return c == '\t' || (code >= 0x20 && code != 0x7f);
    });
}

bool contains_token(std::string_view list, std::string_view token) {
    while (!list.empty()) {
        const auto comma = list.find(',');
        const auto item = list.substr(0, comma);
        const auto semicolon = std::min(item.find(';'), item.size());
        if (equal_ignoring_case(trim(item.substr(0, semicolon)), token)) {
            return semicolon == item.size() || !is_refused(item.substr(semicolon + 1));
        }
        list = comma == list.npos ? std::string_view() : list.substr(comma + 1);
    }
    return false;
}

}  // namespace dunlin::http
