#include "io/loops.h"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <future>
#include <stdexcept>

#include "io/spawn.h"

namespace dunlin::io {

namespace asio = boost::asio;

namespace {

std::string own_thread_name() {
    char name[16] = {};
    pthread_getname_np(pthread_self(), name, sizeof(name));
    return name;
}

[[noreturn]] void fail_now() {
    std::rethrow_exception(std::make_exception_ptr(std::runtime_error("as the test wants")));
}

asio::awaitable<void> fail() {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    fail_now();
}

asio::awaitable<void> wait_for_ever() {
    asio::steady_timer timer(co_await asio::this_coro::executor,
                             asio::steady_timer::time_point::max());
    co_await timer.async_wait(asio::use_awaitable);
}

/// Waits until the loop has run what was posted before.
void flush(asio::io_context& loop) {
    std::promise<void> passed;
    asio::post(loop, [&] { passed.set_value(); });
    passed.get_future().wait();
}

}  // namespace

TEST(Loops, EachLoopRunsOnItsOwnNamedThread) {
    Loops loops(2, "worker");
    std::promise<std::string> names[2];
    for (std::size_t i = 0; i < loops.size(); ++i) {
        asio::post(loops.at(i), [&names, i] { names[i].set_value(own_thread_name()); });
    }
    loops.start();
    EXPECT_EQ(names[0].get_future().get(), "worker 0");
    EXPECT_EQ(names[1].get_future().get(), "worker 1");
    loops.stop();
    loops.stop();
}

TEST(Loops, AThrowingHandlerEndsAlone) {
    Loops loops(1);
    testing::internal::CaptureStderr();
    asio::post(loops.at(0), fail_now);
    loops.start();
    flush(loops.at(0));
    loops.stop();
    EXPECT_NE(testing::internal::GetCapturedStderr().find("as the test wants"), std::string::npos);
}

TEST(Loops, StopLeavesAndDestroysWaitingCoroutines) {
    Loops loops(1);
    spawn(loops.at(0).get_executor(), wait_for_ever(), "waiting");
    loops.start();
    flush(loops.at(0));
    loops.stop();
}

TEST(Spawn, LogsAnEscapedExceptionWithTheName) {
    Loops loops(1);
    testing::internal::CaptureStderr();
    spawn(loops.at(0).get_executor(), fail(), "doomed");
    loops.start();
    flush(loops.at(0));
    flush(loops.at(0));
    flush(loops.at(0));
    loops.stop();
    const std::string output = testing::internal::GetCapturedStderr();
    EXPECT_NE(output.find("\"coroutine\":\"doomed\",\"what\":\"as the test wants\""),
              std::string::npos);
}

}  // namespace dunlin::io
