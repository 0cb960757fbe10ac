#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <string>

namespace dunlin::io {

/// Runs a coroutine on `executor` with nobody waiting for it. An exception that leaves it is logged
/// under `name`, except the operation_aborted of a cancelled wait, which is how such coroutines
/// end.
void spawn(boost::asio::any_io_executor executor, boost::asio::awaitable<void> coroutine,
           std::string name);

}  // namespace dunlin::io
