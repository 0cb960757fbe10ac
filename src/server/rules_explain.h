#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/identity.h"
#include "engine/engine.h"
#include "policy/access_rules.h"

/// `dunlin rules explain`: what a role may do with a table, and why.
namespace dunlin::server {

struct ExplainRequest {
    Identity identity;
    std::string schema = "public";
    std::string table;
    Command command = Command::Select;
    /// The primary key of a row, its values separated by commas; "" for none.
    std::string row{};
    /// A JSON object: the new row, or what an update sets; "" for none.
    std::string values{};
};

/// An identity from `anon`, `authenticated`, `service_role`, a user's id, or claims as JSON.
/// Fails with InvalidInput and how they are written.
Result<Identity> identity_from_claims(std::string_view text);

/// Fails with InvalidInput and the known names for a command that there is none of.
Result<Command> command_from_name(std::string_view name);

/// The granted rights, every policy with the reason why it counts or not, the conditions and, for a
/// row or values, who admits and who refuses. Changes nothing. Fails with NotFound for an unknown
/// table (the nearest name as a hint), InvalidInput for a row or values that cannot be read.
///
/// `engine` is borrowed; blocks the caller.
Result<boost::json::object> explain_rules(engine::Engine& engine, const policy::AccessRules& rules,
                                          const ExplainRequest& request);

/// The explanation for a terminal.
std::string explanation_text(const boost::json::object& explanation);

}  // namespace dunlin::server
