#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>
#include <vector>

namespace dunlin::outbound {

/// Whether an address belongs to the public Internet: not loopback, private, link-local, shared,
/// multicast, documentation or otherwise reserved (RFC 6890 and the two IANA registries of
/// special-purpose addresses). An IPv4 address inside an IPv6 one (mapped: RFC 4291 section
/// 2.5.5.2, NAT64: RFC 6052) is judged as itself. Families other than IPv4 and IPv6 are not public.
/// Pure.
bool is_public_address(const sockaddr& address);

enum class PrivateAddresses { Refused, Allowed };

/// Where requests may go. A URL is often somebody else's idea, and must not make the server speak
/// to its own network (server-side request forgery). The address is judged when the connection is
/// made, after name resolution, so that a name cannot change its mind in between. Immutable.
struct AddressGuard {
    PrivateAddresses private_addresses = PrivateAddresses::Refused;
    /// Hosts of the operator's own that may be at a private address; lower case.
    std::vector<std::string> trusted_hosts{};

    /// Whether a request to `host` (case-insensitive) may connect to private addresses.
    bool trusts(std::string_view host) const;
};

}  // namespace dunlin::outbound
