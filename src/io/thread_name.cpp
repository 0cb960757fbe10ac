#include "io/thread_name.h"

#include <pthread.h>

namespace dunlin::io {

void name_thread(std::string name) {
    constexpr std::size_t bytes_max = 15;
    if (name.size() > bytes_max) name.resize(bytes_max);
    pthread_setname_np(pthread_self(), name.c_str());
}

}  // namespace dunlin::io
