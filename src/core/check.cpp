#include "core/check.h"

#include <cstdio>
#include <cstdlib>

namespace dunlin {

void check_failed(const char* expression, const char* file, int line) {
    std::fprintf(stderr,
                 "{\"level\":\"critical\",\"message\":\"CHECK failed: %s\",\"at\":\"%s:%d\"}\n",
                 expression, file, line);
    std::abort();
}

}  // namespace dunlin
