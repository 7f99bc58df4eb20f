#include "ctl/job_book.h"

#include <algorithm>
#include <cstdlib>

#include "common/base/json.h"
#include "common/base/json_slice.h"
#include "ctl/letters.h"

namespace ryumem {
namespace {

// How many jobs one script reads, and how long a body may be to be read for a list: Redis does
// nothing else meanwhile.
constexpr std::int64_t kPortion = 100;
constexpr const char* kLongestBody = "65536";

constexpr std::size_t kRow = 5;     // replies per job: see jobs_list.lua
constexpr std::size_t kSight = 15;  // replies: see job_show.lua

JobRow read_row(const std::vector<RedisReply>& items, std::size_t at) {
  JobRow row;
  row.id = items[at].text;
  row.bytes = std::atoll(items[at + 2].text.c_str());
  row.when = items[at + 3].text;
  row.owner = items[at + 4].text;
  try {
    const JsonDocument document = JsonDocument::parse(items[at + 1].text);
    const JsonValue root = document.root();
    row.customer_id = root["customer_id"].string().value_or("");
    row.user_id = root["user_id"].string().value_or("");
    row.created_at = root["created_at"].string().value_or("");
    row.attempts = root["retry_count"].integer().value_or(0);
  } catch (const Failure&) {
    // The id alone is listed; show says more.
  }
  return row;
}

std::string why_not_cancelled(const std::string& answer, const std::string& status) {
  if (answer == "done") return "";
  if (answer == "dead") return "it is dead already; ryumemctl dead drop forgets it";
  if (answer == "peer")
    return "a Python worker has it in hand, which nothing can stop; cancel it when it is back";
  if (answer == "reported") return "the server has been told of its completion already";
  if (answer == "changed") return "it keeps moving; try again";
  if (status == "completed" || status == "failed") return "it has ended already: " + status;
  return "there is no such job in the queue";
}

std::string status_of(const std::string& body) {
  try {
    const JsonDocument document = JsonDocument::parse(body);
    return std::string(document.root()["status"].string().value_or(""));
  } catch (const Failure&) {
    return "";
  }
}

// The body of a cancelled job; "" if it cannot be read.
std::string failed_body(const std::string& body) {
  try {
    return with_members(body, {{"status", "\"failed\""}});
  } catch (const Failure&) {
    return "";
  }
}

}  // namespace

bool WholeJob::known() const {
  return body_type != "none" || !state().empty() || !owner.empty() || !journal.empty() ||
         !letter.empty();
}

std::string_view WholeJob::state() const {
  if (processing) return "processing";
  if (!position.empty()) return "pending";
  if (!due.empty()) return "delayed";
  if (!parked.empty()) return "parked";
  if (!died.empty()) return "dead";
  return "";
}

Task<JobPage> JobBook::portion(const JobFilter& filter, std::int64_t from, std::int64_t count,
                               Cancel& cancel) {
  std::vector<std::string> arguments = {filter.state, std::to_string(from),
                                        std::to_string(from + count - 1), kLongestBody};
  const RedisReply reply = co_await queue_.run("jobs_list", std::move(arguments), cancel);
  JobPage page;
  if (reply.items.empty()) co_return page;
  page.total = std::atoll(reply.items[0].text.c_str());
  for (std::size_t i = 1; i + kRow <= reply.items.size(); i += kRow)
    page.rows.push_back(read_row(reply.items, i));
  co_return page;
}

Task<JobPage> JobBook::list(JobFilter filter, Cancel& cancel) {
  JobPage page;
  const bool all = filter.customer_id.empty();
  std::int64_t to_skip = all ? 0 : filter.offset;
  for (std::int64_t from = all ? filter.offset : 0;;) {
    const JobPage some = co_await portion(filter, from, kPortion, cancel);
    page.total = some.total;
    for (const JobRow& row : some.rows) {
      if (!all && row.customer_id != filter.customer_id) continue;
      if (to_skip > 0) {
        --to_skip;
        continue;
      }
      page.more = filter.limit > 0 && static_cast<std::int64_t>(page.rows.size()) == filter.limit;
      if (page.more) co_return page;
      page.rows.push_back(row);
    }
    from += kPortion;
    if (static_cast<std::int64_t>(some.rows.size()) < kPortion) co_return page;
  }
}

Task<WholeJob> JobBook::find(std::string id, Cancel& cancel) {
  std::vector<std::string> arguments = {id};
  const RedisReply reply = co_await queue_.run("job_show", std::move(arguments), cancel);
  const std::vector<RedisReply>& items = reply.items;
  if (items.size() != kSight)
    throw Failure(Kind::internal, "job_show gave another number of items");
  WholeJob job;
  job.id = id;
  job.body_type = items[0].text;
  job.body = items[1].text;
  job.body_seconds = std::atoll(items[2].text.c_str());
  job.position = items[3].text;
  job.processing = items[4].text == "1";
  job.owner = items[5].text;
  job.lease = items[6].text;
  job.due = items[7].text;
  job.died = items[8].text;
  job.untold = items[9].text == "1";
  job.handled = items[10].text;
  job.now = std::atoll(items[11].text.c_str());
  job.parked = items[12].text;
  job.journal = read_fields(items[13]);
  job.letter = read_fields(items[14]);
  co_return job;
}

Task<std::string> JobBook::cancel_job(std::string id, std::string cause, Cancel& cancel) {
  constexpr int kTries = 5;  // its body changes when it is begun
  std::string answer;
  std::string status;
  for (int i = 0; i < kTries; ++i) {
    const WholeJob job = co_await find(id, cancel);
    status = status_of(job.body);
    std::vector<std::string> arguments = {id, failed_body(job.body), job.body, kEnded, cause};
    const RedisReply reply = co_await queue_.run("job_cancel", std::move(arguments), cancel);
    answer = reply.text;
    if (answer != "changed") break;
  }
  co_return why_not_cancelled(answer, status);
}

Task<std::string> JobBook::retry(std::string id, Cancel& cancel) {
  const WholeJob job = co_await find(id, cancel);
  std::string why_not;
  if (job.state() == "dead" || !job.letter.empty()) {
    Letters letters(queue_);
    why_not = co_await letters.retry(id, cancel);
    co_return why_not;
  }
  std::vector<std::string> arguments = {id, kWaiting};
  const RedisReply reply = co_await queue_.run("job_hasten", std::move(arguments), cancel);
  if (reply.text == "done") co_return why_not;
  if (job.state() == "pending")
    why_not = "it waits in the queue already";
  else if (job.state() == "processing")
    why_not = "it is being worked on";
  else if (job.state() == "parked")
    why_not = "it is parked until the day turns or its cap is raised";
  else
    why_not = why_not_cancelled("gone", status_of(job.body));
  co_return why_not;
}

}  // namespace ryumem
