#include "common/ops/scoreboard.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <utility>

namespace ryumem {
namespace {

// Says that the memory has this layout: supervisor and worker of different versions must not meet.
constexpr std::uint64_t kLayout = 0x72797532'00000000ULL + sizeof(Slot) + sizeof(AccountTable);

[[noreturn]] void refuse(const std::string& what) {
  throw Failure(Kind::system, "scoreboard: " + what + ": " + std::strerror(errno));
}

template <class Enum, std::size_t N>
std::string_view word(Enum at, const std::array<std::string_view, N>& words) {
  static_assert(N == static_cast<std::size_t>(Enum::count));
  return words[static_cast<std::size_t>(at)];
}

}  // namespace

std::string_view name(Outcome at) {
  return word(at, std::array<std::string_view, 5>{"completed", "delayed", "buried", "given_back",
                                                  "parked"});
}
std::string_view name(Step at) {
  return word(
      at, std::array<std::string_view, 8>{"extract_entities", "embed_entities", "upsert_entities",
                                          "extract_relationships", "embed_facts",
                                          "upsert_relationships", "complete", "acknowledge"});
}
std::string_view name(Call at) {
  return word(at, std::array<std::string_view, 5>{"chat", "embed", "entity_upsert",
                                                  "relationship_upsert", "extraction_complete"});
}
std::string_view name(Reply at) {
  return word(at, std::array<std::string_view, 5>{"ok", "client_error", "server_error", "no_reply",
                                                  "unreadable"});
}
std::string_view name(Dropped at) {
  return word(at, std::array<std::string_view, 5>{"malformed", "duplicate", "unknown_end",
                                                  "pronoun", "self_edge"});
}
std::string_view name(Repair at) {
  return word(at, std::array<std::string_view, 16>{
                      "thoughts", "fence", "prose", "several", "wrapped", "bare_list",
                      "single_item", "text_item", "synonym", "literal", "comma", "comment",
                      "encoded", "characters", "alias", "shortened"});
}
std::string_view name(TextFrom at) {
  return word(at, std::array<std::string_view, 3>{"model", "cache", "duplicate"});
}
std::string_view name(Dependency at) {
  return word(at, std::array<std::string_view, 3>{"chat_model", "embedding_model", "server"});
}
std::string_view name(CircuitState at) {
  return word(at, std::array<std::string_view, 3>{"closed", "open", "half_open"});
}
std::string_view name(HeldBy at) {
  return word(at, std::array<std::string_view, 5>{"unknown", "schema", "tool", "json", "nothing"});
}
std::string_view name(WorkerState at) {
  return word(at, std::array<std::string_view, 6>{"starting", "ready", "quiet", "draining",
                                                  "stopped", "unused"});
}

void Durations::observe(double seconds) {
  std::size_t bucket = 0;
  while (bucket < kDurationBounds.size() && seconds > kDurationBounds[bucket]) ++bucket;
  buckets[bucket].add();
  sum_us.add(static_cast<std::uint64_t>(seconds < 0 ? 0 : seconds * 1e6));
}

struct Scoreboard::Memory {
  std::uint64_t layout;
  std::uint64_t slots;
  Count quiet;
  alignas(64) AccountTable accounts;
  alignas(64) Slot first;  // and the others behind it
};

std::size_t Scoreboard::size_of(std::size_t slots) {
  return sizeof(Memory) + sizeof(Slot) * (slots - 1);
}

Scoreboard Scoreboard::create(int slots) {
  const std::size_t size = size_of(static_cast<std::size_t>(slots));
  const int fd = memfd_create("ryumem-scoreboard", MFD_CLOEXEC);
  if (fd < 0) refuse("cannot create shared memory");
  if (ftruncate(fd, static_cast<off_t>(size)) != 0) refuse("cannot size shared memory");
  Scoreboard board = map(fd, size);
  board.memory_->layout = kLayout;
  board.memory_->slots = static_cast<std::uint64_t>(slots);
  return board;
}

Scoreboard Scoreboard::attach(int fd) {
  struct stat info {};
  if (fstat(fd, &info) != 0) refuse("cannot read descriptor " + std::to_string(fd));
  if (static_cast<std::size_t>(info.st_size) < sizeof(Memory))
    throw Failure(Kind::system, "scoreboard: descriptor " + std::to_string(fd) +
                                    " is not a supervisor's scoreboard");
  Scoreboard board = map(fd, static_cast<std::size_t>(info.st_size));
  if (board.memory_->layout != kLayout)
    throw Failure(Kind::system,
                  "scoreboard: supervisor and worker are of different versions; restart ryumemd");
  if (board.size_ < size_of(board.memory_->slots))
    throw Failure(Kind::system, "scoreboard: descriptor " + std::to_string(fd) +
                                    " is not a supervisor's scoreboard: it is cut short");
  return board;
}

Scoreboard Scoreboard::map(int fd, std::size_t size) {
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) refuse("cannot map shared memory");
  return Scoreboard(fd, static_cast<Memory*>(memory), size);
}

Scoreboard::Scoreboard(Scoreboard&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      memory_(std::exchange(other.memory_, nullptr)),
      size_(other.size_) {}

Scoreboard::~Scoreboard() {
  if (memory_ != nullptr) munmap(memory_, size_);
  if (fd_ >= 0) close(fd_);
}

int Scoreboard::slots() const { return static_cast<int>(memory_->slots); }
Slot& Scoreboard::slot(int index) { return (&memory_->first)[index]; }
AccountTable& Scoreboard::accounts() { return memory_->accounts; }
const AccountTable& Scoreboard::accounts() const { return memory_->accounts; }
const Slot& Scoreboard::slot(int index) const { return (&memory_->first)[index]; }

bool Scoreboard::quiet() const { return memory_->quiet.load() != 0; }
void Scoreboard::set_quiet(bool quiet) { memory_->quiet.store(quiet ? 1 : 0); }

}  // namespace ryumem
