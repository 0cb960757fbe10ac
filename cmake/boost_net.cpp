// The one place where Asio and the compiled parts of Beast are built.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
