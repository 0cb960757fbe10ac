#include "auth/token_refusal.h"

namespace dunlin::auth {

Error error_of(const TokenRefusal& refusal) {
    const bool proved =
        refusal.fault == TokenFault::Expired || refusal.fault == TokenFault::NotYetValid ||
        refusal.fault == TokenFault::SessionEnded || refusal.fault == TokenFault::ClaimWrong;
    return Error{ErrorCode::Unauthorized, refusal.message, proved ? "PGRST303" : "PGRST301"};
}

}  // namespace dunlin::auth
