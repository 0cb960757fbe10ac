#include "server/keys.h"

namespace dunlin::server {

Result<auth::ProjectKeys> project_keys(const Settings& settings) {
    if (settings.development) return auth::development_keys();
    return auth::load_or_create_keys(settings.data);
}

Result<std::unique_ptr<auth::SigningKeys>> load_signing_keys(const Settings& settings,
                                                             std::string secret,
                                                             const Clock& clock) {
    return auth::SigningKeys::load(settings.data / "signing_keys.json", std::move(secret), clock);
}

}  // namespace dunlin::server
