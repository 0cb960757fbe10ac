#pragma once

#include <cstdint>
#include <optional>

#include "core/type.h"
#include "core/value.h"

/// 64-bit stand-ins for values, so that the index handles numbers only. Two different values may
/// share one: whoever finds something by a key checks the values afterwards.
namespace dunlin::realtime {

std::uint64_t mix_keys(std::uint64_t left, std::uint64_t right);

/// Values that are equal in PostgreSQL have equal keys (1.5 and 1.50 of a numeric). NULL has one,
/// too. Nothing when values of the type cannot be keyed; that depends on the type alone.
std::optional<std::uint64_t> equality_key(const Type& type, const Value& value);

/// Never decreases as the value grows in PostgreSQL's order. Nothing for NULL and for a value whose
/// order no number follows.
std::optional<std::uint64_t> order_key(const Type& type, const Value& value);

}  // namespace dunlin::realtime
