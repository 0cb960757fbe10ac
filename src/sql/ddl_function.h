#pragma once

#include <span>

#include "sql/ddl.h"

/// CREATE FUNCTION and what is done with functions afterwards. Internal to the module.
namespace dunlin::sql {

/// PostgreSQL drops lengths and scales of the types of parameters and results.
Type without_modifiers(Type type);
/// The types of a function's parameters, by which it is known among those of its name.
std::string signature_of(const Function& function);
/// `f(integer, text)`, as messages show it.
std::string shown_function(const Function& function);

/// The function that DROP, ALTER or GRANT names. Fails with 42883, or 42725 when the name alone is
/// not enough.
Parsed<Function*> find_function(Builder& builder, const PgQuery__ObjectWithArgs& named);

Done set_function_option(const PgQuery__DefElem& option, Function& function);
/// Moves a refusal to its place in the file, when the body is there.
std::unexpected<Refusal> in_body(const Builder& builder, const Function& function, Refusal refusal);

/// The same at the end of a file: 2BP01 for a function that the file has not made.
std::unexpected<Refusal> no_longer_works(const Builder& builder, const Function& function,
                                         Refusal refusal);

/// Compiles a function, or only parses it when it is a trigger's: that is compiled for its
/// triggers.
Done compile_function(const Schema& schema, const Function& function);
/// Whether an error is about something that may be made later in the file.
bool may_come_later(const Error& error);
/// Notes that functions and triggers have to be compiled again at the end of the file.
void compile_later(Builder& builder, const RelationName& name, const Function& function);
/// Makes again what is put together from a function's body: views, and tables whose checks,
/// defaults or generated columns call it. Fails with 2BP01 when something no longer works.
Done remake_callers(Builder& builder, const Schema& before);

}  // namespace dunlin::sql
