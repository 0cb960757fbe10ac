#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace dunlin::io {

/// Event loops, one thread each, named "NAME 0", "NAME 1", … An object belongs to one loop; cross
/// over with asio::post. The loops exist from construction, so that objects can be built on them
/// before start(). Destroying the loops destroys the coroutines still suspended on them.
class Loops {
public:
    explicit Loops(std::size_t count, std::string name = "loop");
    ~Loops();
    Loops(const Loops&) = delete;
    Loops& operator=(const Loops&) = delete;

    /// Starts the threads. Call once.
    void start();
    /// Ends every loop after the handler it is in, and waits for the threads. May be called again.
    void stop();

    boost::asio::io_context& at(std::size_t index);
    std::size_t size() const { return loops_.size(); }

private:
    using Guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;
    struct Loop {
        boost::asio::io_context context{1};
        Guard guard = boost::asio::make_work_guard(context);
        std::thread thread;
    };

    std::string name_;
    std::vector<std::unique_ptr<Loop>> loops_;
};

}  // namespace dunlin::io
