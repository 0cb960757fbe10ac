#pragma once

#include <cstdint>
#include <string>

#include "server/settings.h"

namespace dunlin::cli {

/// What `dunlin users` was asked for; each command uses what it has an option for.
struct UsersOptions {
    server::CommandLine line{};
    std::string url{};
    std::string format = "text";
    std::string user{};  // an id, an e-mail address or a phone number
    std::string email{};
    std::string phone{};
    std::string role{};
    std::string app_metadata{};   // JSON
    std::string user_metadata{};  // JSON
    bool unconfirmed = false;
    bool without_password = false;
    std::string filter{};
    std::int64_t page = 1;
    std::int64_t page_rows = 50;
    std::string duration{};
    bool soft = false;
    std::string session{};
};

// Each talks to the running server, prints what came of it and returns the exit status.

int create_user(const UsersOptions& options);
int list_users(const UsersOptions& options);
int show_user(const UsersOptions& options);
int ban_user(const UsersOptions& options);
int unban_user(const UsersOptions& options);
int reset_password(const UsersOptions& options);
int delete_user(const UsersOptions& options);
int list_sessions(const UsersOptions& options);
int sign_out(const UsersOptions& options);

}  // namespace dunlin::cli
