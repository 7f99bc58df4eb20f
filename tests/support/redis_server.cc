#include "tests/support/redis_server.h"

#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <utility>

#include "tests/support/eventually.h"

namespace ryumem::test {
namespace {

std::string as_text(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_NIL:
      return "(nil)";
    case REDIS_REPLY_INTEGER:
      return std::to_string(reply.integer);
    case REDIS_REPLY_ERROR:
      return "(error) " + std::string(reply.str, reply.len);
    case REDIS_REPLY_ARRAY: {
      std::string lines;
      for (std::size_t i = 0; i < reply.elements; ++i)
        lines += (i == 0 ? "" : "\n") + as_text(*reply.element[i]);
      return lines;
    }
    default:
      return std::string(reply.str, reply.len);
  }
}

}  // namespace

int free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool found =
      fd >= 0 && bind(fd, generic, length) == 0 && getsockname(fd, generic, &length) == 0;
  if (fd >= 0) close(fd);
  if (!found) throw std::runtime_error("there is no free port on 127.0.0.1");
  return ntohs(address.sin_port);
}

struct RedisServer::Connection {
  redisContext* context;

  explicit Connection(int port) {
    const timeval limit{5, 0};
    context = redisConnectWithTimeout("127.0.0.1", port, limit);
    if (context != nullptr && context->err == 0) redisSetTimeout(context, limit);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (context != nullptr) redisFree(context);
  }
  bool broken() const { return context == nullptr || context->err != 0; }
};

RedisServer::RedisServer(std::vector<std::string> arguments)
    : arguments_(std::move(arguments)), port_(free_port()) {
  start();
}

RedisServer::~RedisServer() = default;

void RedisServer::start() {
  std::vector<std::string> command = {"redis-server"};
  const std::vector<std::string> ours = {"--port",        std::to_string(port_),
                                         "--bind",        "127.0.0.1",
                                         "--unixsocket",  socket_path(),
                                         "--dir",         folder_.path(),
                                         "--save",        "",
                                         "--appendonly",  "no",
                                         "--daemonize",   "no",
                                         "--databases",   "4",
                                         "--io-threads",  "1",
                                         "--tcp-backlog", "64"};
  command.insert(command.end(), ours.begin(), ours.end());
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  process_ = std::make_unique<ChildProcess>(std::move(command));
  const bool up =
      wait_until(Seconds(15), [this] { return answers() || !process_->running(); }) && answers();
  if (!up) throw std::runtime_error("redis-server does not start:\n" + process_->out());
}

// Any answer will do, also "NOAUTH" or "LOADING" of a server with a password.
bool RedisServer::answers() {
  try {
    return !ask({"PING"}).empty();
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::string RedisServer::ask(const std::vector<std::string>& command) {
  if (connection_ == nullptr || connection_->broken())
    connection_ = std::make_unique<Connection>(port_);
  std::vector<const char*> words;
  std::vector<std::size_t> lengths;
  for (const std::string& word : command) {
    words.push_back(word.data());
    lengths.push_back(word.size());
  }
  redisReply* reply = nullptr;
  if (!connection_->broken())
    reply = static_cast<redisReply*>(redisCommandArgv(
        connection_->context, static_cast<int>(words.size()), words.data(), lengths.data()));
  if (reply == nullptr) throw std::runtime_error("the test's redis-server does not answer");
  std::string text = as_text(*reply);
  freeReplyObject(reply);
  return text;
}

void RedisServer::kill() {
  connection_.reset();
  process_->signal(SIGKILL);
  if (!process_->wait(Seconds(10))) throw std::runtime_error("redis-server does not die");
}

void RedisServer::freeze() { process_->signal(SIGSTOP); }

void RedisServer::resume() { process_->signal(SIGCONT); }

void RedisServer::restart() {
  kill();
  start();
}

}  // namespace ryumem::test
