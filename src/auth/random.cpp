#include "auth/random.h"

#include <openssl/rand.h>

#include "core/check.h"

namespace dunlin::auth {

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) == 1);
    return bytes;
}

}  // namespace dunlin::auth
