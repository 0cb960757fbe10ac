#pragma once

#include <memory>

#include "core/result.h"
#include "server/settings.h"

namespace dunlin::server {

/// A running server: every object built here, handed on by constructor, in the order in which they
/// depend on each other.
class Application {
public:
    /// Opens the database, applies migrations, binds the port. Prints nothing.
    /// Fails when any of it does; then nothing is left running.
    static Result<std::unique_ptr<Application>> open(Settings settings);
    ~Application();

    std::string url() const;

    /// Serves until SIGTERM or SIGINT, then drains: running requests finish, sockets are closed with
    /// 1001, queued writes reach the disk.
    void run();

private:
    struct Parts;
    explicit Application(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace dunlin::server
