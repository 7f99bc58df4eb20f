#include "worker/doctor/doctor.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "common/async/loop.h"
#include "common/async/timer.h"
#include "common/ops/redis_of.h"
#include "common/queue/queue.h"
#include "worker/doctor/access_checks.h"
#include "worker/doctor/model_checks.h"
#include "worker/doctor/redis_checks.h"
#include "worker/doctor/server_checks.h"
#include "worker/doctor/system_checks.h"

namespace ryumem {
namespace {

constexpr Millis kRedisPatience{5'000};
constexpr Millis kLongestCall{60'000};

// Gives how many jobs wait; -1 if Redis cannot be asked.
Task<std::int64_t> look_at_redis(const Settings& settings, Checkup& checkup) {
  Redis redis(redis_of(settings), kRedisPatience);
  Queue queue(redis, Keys(settings.queue_prefix), "doctor", settings.lease);
  std::int64_t pending = -1;
  {
    Cancel cancel;
    const Deadline limit(cancel, kRedisPatience,
                         Failure(Kind::unreachable, "nobody answers there in time"));
    try {
      const bool there = co_await check_redis(redis, queue, settings.queue_prefix, checkup, cancel);
      if (there) {
        const Depths depths = co_await queue.depths(cancel);
        pending = depths.pending;
      }
    } catch (const Failure&) {
      // Said already, in the words of the check that failed.
    }
  }
  co_await redis.close();
  co_return pending;
}

Task<> look_at_models(const Settings& settings, Checkup& checkup) {
  Scoreboard board = Scoreboard::create(1);
  Slot& slot = board.slot(0);
  Circuits circuits(slot);
  HttpClient http(2, settings.ca_file);
  ChatModel chat(http, settings, slot, circuits);
  Embedder embedder(http, settings, slot, circuits);
  Cancel cancel;
  co_await check_models(chat, embedder, settings, checkup, cancel);
}

Task<> examine_into(Settings settings, DoctorOrders orders, Checkup* checkup) {
  *checkup = co_await examine(std::move(settings), orders);
}

}  // namespace

Task<Checkup> examine(Settings settings, DoctorOrders orders) {
  Checkup checkup;
  const std::int64_t pending = co_await look_at_redis(settings, checkup);
  {
    Cancel cancel;
    HttpClient http(1, settings.ca_file);
    co_await check_server(http, settings, pending, checkup, cancel);
    co_await check_access(http, settings, checkup, cancel);
  }
  if (orders.paid) {
    // One try each: who waits here wants to know how it is now.
    settings.call_tries = 1;
    settings.call_timeout =
        std::min(settings.call_timeout, std::chrono::duration_cast<Seconds>(kLongestCall));
    co_await look_at_models(settings, checkup);
  } else {
    checkup.skip("chat model", "--no-paid: models are not asked");
    checkup.skip("embedding model", "--no-paid: models are not asked");
  }
  const bool other = orders.supervisor > 0;
  judge_system(system_facts(other ? orders.supervisor : getpid(), other), settings, checkup);
  co_return checkup;
}

int doctor_program(const std::vector<std::string>& words, const Settings& settings) {
  DoctorOrders orders;
  bool json = false;
  for (const std::string& word : words) {
    if (word == "--no-paid")
      orders.paid = false;
    else if (word == "--json")
      json = true;
    else
      throw Failure(Kind::usage, "--doctor takes --no-paid and --json, not \"" + word + "\"");
  }
  Checkup checkup;
  Loop loop;
  loop.run(examine_into(settings, orders, &checkup));
  fmt::print("{}", json ? checkup.json() : checkup.text());
  return checkup.healthy() ? 0 : 1;
}

}  // namespace ryumem
