#include "server/keys.h"

namespace dunlin::server {

Result<auth::ProjectKeys> project_keys(const Settings& settings) {
    if (settings.development) return auth::development_keys();
    return auth::load_or_create_keys(settings.data);
}

}  // namespace dunlin::server
