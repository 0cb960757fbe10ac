#pragma once

#include "auth/context.h"
#include "auth/grant.h"
#include "auth/provider_settings.h"
#include "core/error.h"

/// What a browser takes along when it is sent back to the application.
namespace dunlin::auth {

/// A session as the fragment of a URL has it: access_token, refresh_token, …
QueryParameters session_parameters(const Context& context, const Grant& grant);

/// error, error_code, error_description.
QueryParameters error_parameters(const Error& error);

}  // namespace dunlin::auth
