/// One TCP connection of a debugger to this machine.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace vesper::debug {

class Connection {
 public:
  /// Listens on localhost; throws InputError when the port cannot be had. `port` 0: one that is free.
  explicit Connection(uint16_t port);

  [[nodiscard]] uint16_t port() const { return port_; }
  [[nodiscard]] bool open() const { return open_; }
  /// Lets things happen: the debugger comes, goes or says something. Returns after at most `most`.
  void wait(std::chrono::milliseconds most);
  /// What arrived since.
  std::string received();
  void send(std::string_view bytes);
  void close();

 private:
  void receive();

  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_{context_};
  boost::asio::ip::tcp::socket socket_{context_};
  std::array<char, 4096> buffer_{};
  std::string received_;
  uint16_t port_ = 0;
  bool open_ = false;
};

}  // namespace vesper::debug
