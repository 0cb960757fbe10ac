#include "core/network.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "core/codec_parts.h"

namespace dunlin {

namespace {

struct Network {
    std::array<unsigned char, 16> bytes{};
    int family = AF_INET;
    int bits = 32;

    int bits_max() const { return family == AF_INET ? 32 : 128; }
};

/// An address, with the number of its network's bits behind a slash.
std::optional<Network> read_network(std::string_view text) {
    Network network;
    const auto slash = text.find('/');
    const std::string address(text.substr(0, slash));
    network.family = address.contains(':') ? AF_INET6 : AF_INET;
    if (inet_pton(network.family, address.c_str(), network.bytes.data()) != 1) return std::nullopt;
    network.bits = network.bits_max();
    if (slash == text.npos) return network;
    const auto digits = text.substr(slash + 1);
    const auto end = digits.data() + digits.size();
    const auto [rest, failure] = std::from_chars(digits.data(), end, network.bits);
    const bool valid = failure == std::errc{} && rest == end && network.bits >= 0 &&
                       network.bits <= network.bits_max() && digits.front() != '-';
    return valid ? std::optional(network) : std::nullopt;
}

bool bit_at(const Network& network, int bit) {
    return (network.bytes[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8) & 1) != 0;
}

int compare_bits(const Network& left, const Network& right, int count) {
    for (int bit = 0; bit < count; ++bit) {
        const int order =
            static_cast<int>(bit_at(left, bit)) - static_cast<int>(bit_at(right, bit));
        if (order != 0) return order;
    }
    return 0;
}

bool has_bits_behind_mask(const Network& network) {
    for (int bit = network.bits; bit < network.bits_max(); ++bit) {
        if (bit_at(network, bit)) return true;
    }
    return false;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

Result<std::string> parse_network(TypeKind kind, std::string_view text) {
    const bool cidr = kind == TypeKind::Cidr;
    const auto network = read_network(text);
    if (!network) return std::unexpected(codec::invalid_syntax(cidr ? "cidr" : "inet", text));
    if (cidr && has_bits_behind_mask(*network)) {
        return std::unexpected(sql_error("22P02",
                                         "invalid cidr value: \"" + std::string(text) + "\"",
                                         "Value has bits set to right of mask."));
    }
    std::array<char, INET6_ADDRSTRLEN> printed{};
    inet_ntop(network->family, network->bytes.data(), printed.data(), printed.size());
    std::string out(printed.data());
    if (cidr || network->bits < network->bits_max()) out += "/" + std::to_string(network->bits);
    return out;
}

int compare_networks(std::string_view left, std::string_view right) {
    const auto l = read_network(left), r = read_network(right);
    if (!l || !r) {
        if (l.has_value() != r.has_value()) return l ? -1 : 1;
        return left.compare(right);
    }
    if (l->family != r->family) return l->family == AF_INET ? -1 : 1;
    if (const int order = compare_bits(*l, *r, std::min(l->bits, r->bits)); order != 0)
        return order;
    if (l->bits != r->bits) return l->bits < r->bits ? -1 : 1;
    return compare_bits(*l, *r, l->bits_max());
}

Result<std::string> parse_mac_address(std::string_view text) {
    std::string digits;
    char separator = 0;
    for (const char c : codec::trim(text)) {
        if (hex_digit(c) >= 0) {
            digits.push_back(c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : c);
            continue;
        }
        const bool known = c == ':' || c == '-' || c == '.';
        if (!known || (separator != 0 && separator != c) || digits.size() % 2 != 0)
            return std::unexpected(codec::invalid_syntax("macaddr", text));
        separator = c;
    }
    if (digits.size() != 12) return std::unexpected(codec::invalid_syntax("macaddr", text));
    for (std::size_t at = 10; at > 0; at -= 2) digits.insert(at, ":");
    return digits;
}

}  // namespace dunlin
