// Asio's and Beast's code, compiled here and nowhere else (see CMakeLists.txt).
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
