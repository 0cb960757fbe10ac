#include "io/loops.h"

#include <exception>

#include "core/check.h"
#include "io/log.h"
#include "io/thread_name.h"

namespace dunlin::io {

namespace {

/// A handler that throws ends alone: the loop carries on.
void run(boost::asio::io_context& context) {
    while (true) {
        try {
            context.run();
            return;
        } catch (const std::exception& exception) {
            log::error("a handler threw", {{"what", exception.what()}});
        }
    }
}

}  // namespace

Loops::Loops(std::size_t count, std::string name) : name_(std::move(name)) {
    CHECK(count > 0);
    for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<Loop>());
}

Loops::~Loops() {
    stop();
}

void Loops::start() {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        Loop& loop = *loops_[i];
        CHECK(!loop.thread.joinable());
        loop.thread = std::thread([&loop, name = name_ + " " + std::to_string(i)] {
            name_thread(name);
            run(loop.context);
        });
    }
}

void Loops::stop() {
    for (const auto& loop : loops_) {
        loop->guard.reset();
        loop->context.stop();
    }
    for (const auto& loop : loops_) {
        if (loop->thread.joinable()) loop->thread.join();
    }
}

boost::asio::io_context& Loops::at(std::size_t index) {
    return loops_.at(index)->context;
}

}  // namespace dunlin::io
