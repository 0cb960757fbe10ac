#include "io/spawn.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <exception>

#include "io/log.h"

namespace dunlin::io {

namespace {

void report(const std::exception_ptr& escaped, const std::string& name) {
    try {
        std::rethrow_exception(escaped);
    } catch (const boost::system::system_error& failure) {
        if (failure.code() == boost::asio::error::operation_aborted) return;
        log::error("a coroutine failed", {{"coroutine", name}, {"what", failure.what()}});
    } catch (const std::exception& failure) {
        log::error("a coroutine failed", {{"coroutine", name}, {"what", failure.what()}});
    }
}

}  // namespace

void spawn(boost::asio::any_io_executor executor, boost::asio::awaitable<void> coroutine,
           std::string name) {
    boost::asio::co_spawn(std::move(executor), std::move(coroutine),
                          [name = std::move(name)](const std::exception_ptr& escaped) {
                              if (escaped) report(escaped, name);
                          });
}

}  // namespace dunlin::io
