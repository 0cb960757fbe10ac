#include "outbound/address_guard.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstring>

namespace dunlin::outbound {

namespace {

bool is_public(const std::string& text) {
    sockaddr_storage storage{};
    if (text.contains(':')) {
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &address.sin6_addr), 1) << text;
        std::memcpy(&storage, &address, sizeof(address));
    } else {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        EXPECT_EQ(inet_pton(AF_INET, text.c_str(), &address.sin_addr), 1) << text;
        std::memcpy(&storage, &address, sizeof(address));
    }
    return is_public_address(reinterpret_cast<const sockaddr&>(storage));
}

}  // namespace

TEST(AddressGuard, KnowsThePublicInternet) {
    struct Case {
        const char* why;
        const char* address;
        bool expected;
    };
    const Case cases[] = {
        {"public", "8.8.8.8", true},
        {"public", "140.82.121.3", true},
        {"loopback", "127.0.0.1", false},
        {"loopback is a whole block", "127.255.255.254", false},
        {"any", "0.0.0.0", false},
        {"private 10/8", "10.1.2.3", false},
        {"before 10/8", "9.255.255.255", true},
        {"after 10/8", "11.0.0.0", true},
        {"private 172.16/12, first", "172.16.0.0", false},
        {"private 172.16/12, last", "172.31.255.255", false},
        {"after 172.16/12", "172.32.0.0", true},
        {"private 192.168/16", "192.168.1.1", false},
        {"carriers", "100.64.0.1", false},
        {"after carriers", "100.128.0.0", true},
        {"metadata of clouds", "169.254.169.254", false},
        {"documentation", "203.0.113.9", false},
        {"benchmarks", "198.19.255.255", false},
        {"multicast", "224.0.0.1", false},
        {"reserved", "240.0.0.1", false},
        {"broadcast", "255.255.255.255", false},
        {"public IPv6", "2606:4700:4700::1111", true},
        {"loopback IPv6", "::1", false},
        {"any IPv6", "::", false},
        {"link-local IPv6", "fe80::1", false},
        {"unique local IPv6", "fd00:ec2::254", false},
        {"site-local IPv6", "fec0::1", false},
        {"multicast IPv6", "ff02::1", false},
        {"mapped loopback", "::ffff:127.0.0.1", false},
        {"mapped private", "::ffff:10.0.0.1", false},
        {"mapped public", "::ffff:8.8.8.8", true},
        {"compatible form, given up", "::127.0.0.1", false},
        {"NAT64 of a private address", "64:ff9b::10.0.0.1", false},
        {"NAT64 of a public address", "64:ff9b::8.8.8.8", true},
        {"local NAT64", "64:ff9b:1::8.8.8.8", false},
        {"6to4 of loopback", "2002:7f00:1::", false},
        {"Teredo", "2001::1", false},
        {"documentation IPv6", "2001:db8::1", false},
        {"newer documentation IPv6", "3fff:fff::1", false},
        {"after it", "3fff:1000::1", true},
    };
    for (const Case& c : cases) EXPECT_EQ(is_public(c.address), c.expected) << c.why << c.address;
}

TEST(AddressGuard, OtherFamiliesAreNotPublic) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    EXPECT_FALSE(is_public_address(reinterpret_cast<const sockaddr&>(address)));
}

TEST(AddressGuard, TrustsHostsByTheirWholeName) {
    const AddressGuard guard{.trusted_hosts = {"login.clinic.lan"}};
    EXPECT_TRUE(guard.trusts("login.clinic.lan"));
    EXPECT_TRUE(guard.trusts("Login.Clinic.LAN"));
    EXPECT_FALSE(guard.trusts("evil-login.clinic.lan"));
    EXPECT_FALSE(guard.trusts("login.clinic.lan.evil.com"));
    EXPECT_FALSE(guard.trusts(""));
    EXPECT_TRUE(AddressGuard{.private_addresses = PrivateAddresses::Allowed}.trusts("localhost"));
}

}  // namespace dunlin::outbound
