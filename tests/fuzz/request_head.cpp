// Any bytes are a request head or are refused.
#include "http/request_head.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)dunlin::http::parse_head({reinterpret_cast<const char*>(data), size});
    return 0;
}
