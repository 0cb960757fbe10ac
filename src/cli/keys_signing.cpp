#include "cli/keys_signing.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <functional>
#include <memory>
#include <string>

#include "cli/project_options.h"
#include "cli/text_table.h"
#include "core/clock.h"
#include "server/keys.h"

namespace dunlin::cli {

namespace json = boost::json;

namespace {

struct Options {
    server::CommandLine line;
    std::string algorithm = "ES256";
    std::string kid;
    std::string format = "text";
};

using Work = std::function<int(const server::Settings&, auth::SigningKeys&, const Options&)>;

std::string_view state_name(auth::KeyState state) {
    switch (state) {
        case auth::KeyState::Standby:
            return "standby";
        case auth::KeyState::InUse:
            return "in_use";
        case auth::KeyState::VerifyOnly:
            return "verify_only";
    }
    return "";
}

std::string time_text(std::int64_t seconds) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

/// Opens the keys of the project and does `work` with them.
int with_keys(const Options& options, const Work& work) {
    const auto settings = server::load_settings(options.line);
    if (!settings) return print_error(settings.error());
    const auto keys = server::project_keys(*settings);
    if (!keys) return print_error(keys.error());
    const SystemClock clock;
    const auto signing = server::load_signing_keys(*settings, keys->secret, clock);
    if (!signing) return print_error(signing.error());
    return work(*settings, **signing, options);
}

json::object described(const auth::SigningKey& key) {
    json::object object;
    object["kid"] = key.kid;
    object["algorithm"] = auth::algorithm_name(key.pair.algorithm());
    object["state"] = state_name(key.state);
    object["created_at"] = time_text(key.created_at_s);
    if (key.state == auth::KeyState::VerifyOnly) {
        object["verify_until"] = time_text(key.verify_until_s);
    }
    return object;
}

int list(const server::Settings&, auth::SigningKeys& keys, const Options& options) {
    const auto current = keys.current();
    json::array listed;
    std::vector<std::vector<std::string>> rows{{"KID", "ALGORITHM", "STATE", "CREATED", "UNTIL"}};
    for (const auth::SigningKey& key : current->keys) {
        listed.push_back(described(key));
        const bool ends = key.state == auth::KeyState::VerifyOnly;
        rows.push_back({key.kid, std::string(auth::algorithm_name(key.pair.algorithm())),
                        std::string(state_name(key.state)), time_text(key.created_at_s),
                        ends ? time_text(key.verify_until_s) : ""});
    }
    if (options.format == "json")
        fmt::print("{}\n", json::serialize(json::object{{"keys", std::move(listed)}}));
    else if (current->keys.empty())
        fmt::print("no key pairs: tokens are signed with the secret of the project (HS256)\n");
    else
        fmt::print("{}", text_table(rows));
    return 0;
}

int add(const server::Settings& settings, auth::SigningKeys& keys, const Options& options) {
    const auto algorithm = auth::algorithm_named(options.algorithm);
    if (!algorithm) {
        return print_error(Error{ErrorCode::InvalidInput, "--algorithm must be ES256 or RS256"});
    }
    const auto kid = keys.add(*algorithm);
    if (!kid) return print_error(kid.error());
    fmt::print(
        "{} is on standby: published, not signing yet\n"
        "  once other services have learned of it: dunlin keys rotate {}\n",
        *kid, settings.project.string());
    return 0;
}

int rotate(const server::Settings& settings, auth::SigningKeys& keys, const Options&) {
    const auto rotated = keys.rotate(settings.auth.access_token_s);
    if (!rotated) return print_error(rotated.error());
    fmt::print("{} signs from now on; the one before it proves its tokens for another {} s\n",
               keys.current()->in_state(auth::KeyState::InUse)->kid, settings.auth.access_token_s);
    return 0;
}

int remove(const server::Settings&, auth::SigningKeys& keys, const Options& options) {
    const auto removed = keys.remove(options.kid);
    if (!removed) return print_error(removed.error());
    fmt::print("{} proves nothing any more\n", options.kid);
    return 0;
}

CLI::App* add_command(CLI::App& keys, int& status, const std::shared_ptr<Options>& options,
                      const char* name, const char* purpose, Work work) {
    CLI::App* command = keys.add_subcommand(name, purpose);
    add_project_options(*command, options->line);
    command->callback(
        [options, work = std::move(work), &status] { status = with_keys(*options, work); });
    return command;
}

}  // namespace

void add_signing_keys(CLI::App& keys, int& status) {
    // Owned by the callbacks of the commands, of which one runs.
    const auto options = std::make_shared<Options>();
    add_command(keys, status, options, "list", "List the key pairs that sign tokens", list)
        ->add_option("--format", options->format, "text or json (default: text)")
        ->check(CLI::IsMember({"text", "json"}))
        ->type_name("FORMAT");
    add_command(keys, status, options, "add", "Make a key pair and put it on standby", add)
        ->add_option("--algorithm", options->algorithm, "ES256 or RS256 (default: ES256)")
        ->type_name("ALGORITHM");
    add_command(keys, status, options, "rotate", "Sign with the pair on standby from now on",
                rotate);
    add_command(keys, status, options, "remove", "Forget a key pair: its tokens end at once",
                remove)
        ->add_option("kid", options->kid, "Which, as dunlin keys list says")
        ->required()
        ->type_name("KID");
}

}  // namespace dunlin::cli
