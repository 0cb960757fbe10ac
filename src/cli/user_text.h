#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

/// Accounts and sessions, as the admin API answers them, for a terminal.
namespace dunlin::cli {

/// A text of an object, "" when it is none.
std::string text_at(const boost::json::value& object, std::string_view name);

/// What a person calls the account: its e-mail address, phone number or id.
std::string name_of(const boost::json::value& user);

std::string users_table(const boost::json::array& users);
std::string user_lines(const boost::json::value& user);
std::string sessions_table(const boost::json::array& sessions);

}  // namespace dunlin::cli
