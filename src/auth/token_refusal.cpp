#include "auth/token_refusal.h"

namespace dunlin::auth {

namespace {

const char* code_of(TokenFault fault) {
    switch (fault) {
        case TokenFault::Malformed:
        case TokenFault::KeyUnknown:
        case TokenFault::SignatureWrong:
            return "PGRST301";
        case TokenFault::Expired:
        case TokenFault::NotYetValid:
        case TokenFault::SessionEnded:
        case TokenFault::ClaimWrong:
            return "PGRST303";
        case TokenFault::RoleUnknown:
            return "22023";
    }
    return "PGRST301";
}

}  // namespace

Error error_of(const TokenRefusal& refusal) {
    return Error{ErrorCode::Unauthorized, refusal.message, code_of(refusal.fault), refusal.details};
}

}  // namespace dunlin::auth
