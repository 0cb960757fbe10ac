#include "core/rights.h"

namespace dunlin {

RightSet GrantedRights::of(Role role) const {
    switch (role) {
        case Role::Anon:
            return anon | everybody;
        case Role::Authenticated:
            return authenticated | everybody;
        case Role::ServiceRole:
            return service_role | everybody;
    }
    return rights::none;
}

}  // namespace dunlin
