#pragma once

#include <string_view>

namespace dunlin {

/// A migration that the server brings with it: a file of MODULE/migrations, compiled in by
/// dunlin_migrations (cmake/module.cmake).
struct BuiltInMigration {
    std::string_view name;  // "0001_accounts.sql"
    std::string_view text;
};

}  // namespace dunlin
