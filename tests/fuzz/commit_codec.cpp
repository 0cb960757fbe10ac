// Any bytes are decoded or refused: a damaged log row must not bring the server down.
#include "changes/commit_codec.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)dunlin::changes::decode_commit({reinterpret_cast<const char*>(data), size});
    return 0;
}
