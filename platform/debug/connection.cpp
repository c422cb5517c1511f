#include "platform/debug/connection.h"

#include <fmt/format.h>

#include <boost/asio/write.hpp>
#include <utility>

#include "platform/property/node.h"

namespace vesper::debug {

using boost::asio::ip::tcp;
using Error = boost::system::error_code;

Connection::Connection(uint16_t port) {
  const tcp::endpoint place(boost::asio::ip::address_v4::loopback(), port);
  Error error;
  acceptor_.open(place.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(place, error);
  if (!error) acceptor_.listen(1, error);
  if (error) {
    throw InputError(
        fmt::format("--gdb: port {} of localhost cannot be used: {}; choose another, or 0 for one "
                    "that is free",
                    port, error.message()));
  }
  port_ = acceptor_.local_endpoint().port();
  acceptor_.async_accept(socket_, [this](const Error& failed) {
    if (failed) return;
    open_ = true;
    Error ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    acceptor_.close(ignored);
    receive();
  });
}

void Connection::receive() {
  socket_.async_read_some(boost::asio::buffer(buffer_), [this](const Error& failed, size_t bytes) {
    if (failed) {
      open_ = false;
      return;
    }
    received_.append(buffer_.data(), bytes);
    receive();
  });
}

void Connection::wait(std::chrono::milliseconds most) {
  context_.restart();
  context_.run_one_for(most);
}

std::string Connection::received() { return std::exchange(received_, {}); }

void Connection::send(std::string_view bytes) {
  if (!open_) return;
  Error error;
  boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (error) open_ = false;
}

void Connection::close() {
  Error ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  open_ = false;
}

}  // namespace vesper::debug
