#pragma once

#include <cstddef>
#include <string>

/// People of a benchmark, told apart by a number.
namespace dunlin::bench {

/// A UUID, the same for the same number.
std::string user_id(std::size_t number);
/// An access token (RFC 7519, HS256) that a server under --dev believes; for ever.
std::string user_token(std::size_t number);

}  // namespace dunlin::bench
