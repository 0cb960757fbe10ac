#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/provider_settings.h"
#include "core/result.h"

namespace dunlin::auth {

/// The client secret that Apple wants: a JWT signed with the operator's key (ES256) that is good
/// for five minutes from `now_s`. Made for each exchange, so that nothing runs out after half a
/// year. Fails with InvalidInput when the key is not a P-256 key in PEM. Pure but for the
/// signature's random number; about 50 us.
Result<std::string> apple_client_secret(const AppleKey& key, std::string_view client_id,
                                        std::int64_t now_s);

}  // namespace dunlin::auth
