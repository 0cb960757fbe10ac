#include "core/identity.h"

namespace dunlin {

std::string_view role_name(Role role) {
    switch (role) {
        case Role::Anon:
            return "anon";
        case Role::Authenticated:
            return "authenticated";
        case Role::ServiceRole:
            return "service_role";
    }
    return "anon";
}

}  // namespace dunlin
