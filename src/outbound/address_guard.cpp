#include "outbound/address_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace dunlin::outbound {

namespace {

struct Block4 {
    std::uint32_t network;
    int bits;
};

constexpr std::uint32_t ipv4(unsigned a, unsigned b, unsigned c, unsigned d) {
    return a << 24 | b << 16 | c << 8 | d;
}

// The IANA IPv4 Special-Purpose Address Registry, and multicast.
constexpr Block4 reserved_ipv4[] = {
    {ipv4(0, 0, 0, 0), 8},        // this network
    {ipv4(10, 0, 0, 0), 8},       // private (RFC 1918)
    {ipv4(100, 64, 0, 0), 10},    // shared by carriers (RFC 6598)
    {ipv4(127, 0, 0, 0), 8},      // loopback
    {ipv4(169, 254, 0, 0), 16},   // link-local, where clouds keep their metadata
    {ipv4(172, 16, 0, 0), 12},    // private
    {ipv4(192, 0, 0, 0), 24},     // protocol assignments
    {ipv4(192, 0, 2, 0), 24},     // documentation
    {ipv4(192, 31, 196, 0), 24},  // AS112
    {ipv4(192, 52, 193, 0), 24},  // AMT
    {ipv4(192, 88, 99, 0), 24},   // 6to4 relays, given up
    {ipv4(192, 168, 0, 0), 16},   // private
    {ipv4(192, 175, 48, 0), 24},  // AS112
    {ipv4(198, 18, 0, 0), 15},    // benchmarks
    {ipv4(198, 51, 100, 0), 24},  // documentation
    {ipv4(203, 0, 113, 0), 24},   // documentation
    {ipv4(224, 0, 0, 0), 3},      // multicast, reserved, broadcast
};

bool is_public_ipv4(std::uint32_t address) {
    return std::ranges::none_of(reserved_ipv4, [&](const Block4& block) {
        return (address ^ block.network) >> (32 - block.bits) == 0;
    });
}

using Bytes16 = std::array<std::uint8_t, 16>;

struct Block6 {
    std::array<std::uint8_t, 12> network;
    int bits;
};

// Holes in 2000::/3, the only space that is given out.
constexpr Block6 reserved_ipv6[] = {
    {{0x20, 0x01, 0x00}, 23},                    // protocol assignments, Teredo among them
    {{0x20, 0x01, 0x0d, 0xb8}, 32},              // documentation
    {{0x20, 0x02}, 16},                          // 6to4: an IPv4 address in disguise
    {{0x26, 0x20, 0x00, 0x4f, 0x80, 0x00}, 48},  // AS112
    {{0x3f, 0xff, 0x00}, 20},                    // documentation
};
constexpr Block6 global_unicast{{0x20}, 3};
constexpr Block6 mapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
constexpr Block6 nat64{{0x00, 0x64, 0xff, 0x9b}, 96};

bool contains(const Block6& block, const Bytes16& address) {
    for (int bit = 0; bit < block.bits; ++bit) {
        const auto byte = static_cast<std::size_t>(bit / 8);
        if (((address[byte] ^ block.network[byte]) >> (7 - bit % 8) & 1) != 0) return false;
    }
    return true;
}

bool is_public_ipv6(const Bytes16& address) {
    if (contains(mapped, address) || contains(nat64, address)) {
        return is_public_ipv4(ipv4(address[12], address[13], address[14], address[15]));
    }
    return contains(global_unicast, address) &&
           std::ranges::none_of(reserved_ipv6,
                                [&](const Block6& block) { return contains(block, address); });
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

}  // namespace

bool is_public_address(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in given{};
        std::memcpy(&given, &address, sizeof(given));
        return is_public_ipv4(ntohl(given.sin_addr.s_addr));
    }
    if (address.sa_family != AF_INET6) return false;
    sockaddr_in6 given{};
    std::memcpy(&given, &address, sizeof(given));
    Bytes16 bytes{};
    std::memcpy(bytes.data(), &given.sin6_addr, bytes.size());
    return is_public_ipv6(bytes);
}

bool AddressGuard::trusts(std::string_view host) const {
    if (private_addresses == PrivateAddresses::Allowed) return true;
    std::string name(host);
    std::ranges::transform(name, name.begin(), lower);
    return std::ranges::find(trusted_hosts, name) != trusted_hosts.end();
}

}  // namespace dunlin::outbound
