#include "io/thread_name.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace dunlin::io {

void name_thread(std::string name) {
    constexpr std::size_t bytes_max = 15;
    if (name.size() > bytes_max) name.resize(bytes_max);
    pthread_setname_np(pthread_self(), name.c_str());
}

void yield_to_others() {
    constexpr int nice = 10;
    // On Linux a process id that is a thread's means that thread. Refused, it is merely not so
    // kind.
    (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), nice);
}

}  // namespace dunlin::io
