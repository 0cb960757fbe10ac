#include <memory>
#include <string>

#include "cli/command.h"
#include "cli/project_options.h"
#include "cli/user_actions.h"

namespace dunlin::cli {

namespace {

using Options = std::shared_ptr<UsersOptions>;  // owned by the callbacks of one command
using Action = int (*)(const UsersOptions&);

/// A command of `users` with the options that all of them have.
CLI::App* add(CLI::App& users, int& status, const Options& options, const char* name,
              const char* purpose, Action action) {
    CLI::App* command = users.add_subcommand(name, purpose);
    add_project_options(*command, options->line);
    command
        ->add_option("--url", options->url,
                     "Where the server is (default: the project's host and port)")
        ->type_name("URL");
    command->add_option("--format", options->format, "text or json (default: text)")
        ->check(CLI::IsMember({"text", "json"}))
        ->type_name("FORMAT");
    command->callback([options, action, &status] { status = action(*options); });
    return command;
}

/// As above, for a command about one account.
CLI::App* add_for_one(CLI::App& users, int& status, const Options& options, const char* name,
                      const char* purpose, Action action) {
    CLI::App* command = add(users, status, options, name, purpose, action);
    command->add_option("user", options->user, "Who: an id, an e-mail address or a phone number")
        ->required()
        ->type_name("USER");
    return command;
}

Options new_options() {
    return std::make_shared<UsersOptions>();
}

void add_create(CLI::App& users, int& status) {
    const Options options = new_options();
    CLI::App* command = add(users, status, options, "create",
                            "Make an account; its password is asked for, or read from standard "
                            "input",
                            create_user);
    command->add_option("--email", options->email, "E-mail address")->type_name("ADDRESS");
    command->add_option("--phone", options->phone, "Phone number")->type_name("NUMBER");
    command
        ->add_option("--role", options->role,
                     "authenticated, anon or service_role (default: authenticated)")
        ->type_name("ROLE");
    command
        ->add_option("--app-metadata", options->app_metadata,
                     "What policies may rely on, a JSON object")
        ->type_name("JSON");
    command
        ->add_option("--user-metadata", options->user_metadata,
                     "What the user may change, a JSON object")
        ->type_name("JSON");
    command->add_flag("--unconfirmed", options->unconfirmed,
                      "The address has to be confirmed before the first sign-in");
    command->add_flag("--no-password", options->without_password,
                      "Sign-in by code or link only, until there is a password");
}

void add_list(CLI::App& users, int& status) {
    const Options options = new_options();
    CLI::App* command =
        add(users, status, options, "list", "List accounts, newest first", list_users);
    command->add_option("--filter", options->filter, "Part of an address or a full name")
        ->type_name("TEXT");
    command->add_option("--page", options->page, "Which page (default: 1)")->type_name("N");
    command->add_option("--per-page", options->page_rows, "Accounts on a page (default: 50)")
        ->type_name("N");
}

void add_ban(CLI::App& users, int& status) {
    const Options options = new_options();
    options->duration = "876000h";
    add_for_one(users, status, options, "ban", "Keep somebody out, and end all his sessions",
                ban_user)
        ->add_option("--for", options->duration, "How long: 24h, 1h30m (default: a hundred years)")
        ->type_name("DURATION");
}

void add_delete(CLI::App& users, int& status) {
    const Options options = new_options();
    add_for_one(users, status, options, "delete",
                "Delete an account and what refers to it with ON DELETE CASCADE", delete_user)
        ->add_flag("--soft", options->soft, "Keep its id, without anything personal");
}

void add_sign_out(CLI::App& users, int& status) {
    const Options options = new_options();
    add_for_one(users, status, options, "sign-out", "End the sessions of an account", sign_out)
        ->add_option("--session", options->session, "This one only")
        ->type_name("ID");
}

}  // namespace

void add_users(CLI::App& app, int& status) {
    CLI::App* users = app.add_subcommand("users", "Accounts of a running server");
    users->require_subcommand(1);
    add_create(*users, status);
    add_list(*users, status);
    add_for_one(*users, status, new_options(), "show", "Show an account", show_user);
    add_ban(*users, status);
    add_for_one(*users, status, new_options(), "unban", "Lift a ban", unban_user);
    add_for_one(*users, status, new_options(), "reset", "Give a new password, and end all sessions",
                reset_password);
    add_delete(*users, status);
    add_for_one(*users, status, new_options(), "sessions",
                "List the devices that somebody is signed in on", list_sessions);
    add_sign_out(*users, status);
}

}  // namespace dunlin::cli
