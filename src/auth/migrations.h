#pragma once

#include <span>
#include <string_view>

namespace dunlin::auth {

/// A migration that the server brings with it.
struct Migration {
    std::string_view name;  // "0001_accounts.sql"
    std::string_view text;
};

/// The schema `auth`, in the order in which the files are applied (src/auth/migrations).
std::span<const Migration> migrations();

}  // namespace dunlin::auth
