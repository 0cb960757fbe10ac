#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "core/type.h"

namespace dunlin {

/// The canonical text of an inet or cidr: `10.0.0.1`, `10.0.0.0/8`, `2001:db8::1/64`. Fails with
/// 22P02 `invalid input syntax for type inet: "x"`. Pure; thread-safe.
Result<std::string> parse_network(TypeKind kind, std::string_view text);

/// Orders two canonical texts as PostgreSQL does: by family, network, length of the network,
/// address. What is no address comes last, by its bytes: a total order on any text.
int compare_networks(std::string_view left, std::string_view right);

/// `08:00:2b:01:02:03` of any of the ways to write it.
Result<std::string> parse_mac_address(std::string_view text);

}  // namespace dunlin
