#pragma once

#include <functional>
#include <memory>
#include <string>

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

    /// Begins to serve.
    void start();

    /// Drains: running requests finish, sockets are closed with 1001, queued writes reach the disk.
    /// Once, after start().
    void stop();

    /// start(), `ready()`, then stop() on SIGTERM or SIGINT. From `ready` on a signal is a clean
    /// end.
    void run(const std::function<void()>& ready);

private:
    struct Parts;
    explicit Application(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace dunlin::server
