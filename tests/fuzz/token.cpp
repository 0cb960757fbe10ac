// Any text is refused as a token or is an identity, the second time (from memory) as the first.
// The secret is known to the seeds, so that claims are reached as well.
#include "auth/token.h"

#include <cstddef>
#include <cstdint>
#include <memory>

#include "auth/signing_keys.h"
#include "core/check.h"
#include "core/clock.h"

using namespace dunlin;

namespace {

class StandingClock final : public Clock {
public:
    std::int64_t now_us() const override { return 1'800'000'000'000'000; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const StandingClock clock;
    static const std::unique_ptr<auth::SigningKeys> keys = *auth::SigningKeys::load(
        "no-such-file", "a-secret-of-at-least-thirty-two-characters", clock);
    static const auth::TokenVerifier verifier(*keys, clock);
    const std::string_view token(reinterpret_cast<const char*>(data), size);
    const auto first = verifier.verify(token);
    const auto second = verifier.verify(token);
    CHECK(first.has_value() == second.has_value());
    CHECK(!first || *first == *second);
    return 0;
}
