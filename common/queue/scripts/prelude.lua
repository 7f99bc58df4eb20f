-- Put in front of every script: the keys by name, and the few steps that many transitions share.
--   KEYS     pending, processing, owners, leases, delayed, dead, untold, strangers, paused, parked, fleet, circuits
--   ARGV     what the keys of a job, a journal, a dead letter, a day's book and a lane begin with; then the
--            script's own
local pending, processing, owners, leases, delayed, dead, untold, strangers, paused, parked, fleet,
      circuits = unpack(KEYS)
local function job_key(id) return ARGV[1] .. id end
local function journal_key(id) return ARGV[2] .. id end
local function letter_key(id) return ARGV[3] .. id end
local function lane_key(name) return ARGV[5] .. name end
local OWN = 5  -- a script's own first argument is ARGV[OWN + 1]

-- Milliseconds of this Redis' clock, the only clock that hosts share.
local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function owned_by(id, token) return redis.call('HGET', owners, id) == token end

-- Redis does not take back what a script did before it failed: a key of the wrong type must show
-- before anything moves. The journal and the letter only of the job that is named.
local function check_types(id)
  redis.call('LLEN', pending)
  redis.call('LLEN', processing)
  redis.call('HLEN', owners)
  for _, key in ipairs({leases, delayed, dead, untold, parked}) do redis.call('ZCARD', key) end
  redis.call('HLEN', strangers)
  if not id then return end
  redis.call('HLEN', journal_key(id))
  redis.call('HLEN', letter_key(id))
end

-- What is under a key of a job's and is no hash cannot be read or written: out of the way with it, to where
-- `audit` and people see it, so that it keeps no job in anybody's hands. The last one stays there.
local function is_odd(key)
  local type = redis.call('TYPE', key).ok
  return type ~= 'hash' and type ~= 'none'
end
local function set_aside_odd(id)
  for _, key in ipairs({journal_key(id), letter_key(id)}) do
    if is_odd(key) then redis.call('RENAME', key, key .. ':odd') end
  end
end

-- Out of the hands of whoever had it; the caller puts it elsewhere in the same script.
local function release(id)
  redis.call('LREM', processing, -1, id)  -- the oldest are at the right end
  redis.call('HDEL', owners, id)
  redis.call('ZREM', leases, id)
  redis.pcall('HDEL', journal_key(id), 'asked')  -- the job is more than a journal of the wrong type
end

-- A journal lives as long as its job may: a day from the last change while the job is in the queue or
-- in hand, as its body does, and for ever while it is delayed or dead. One whose job a Python worker
-- has finished runs out by itself.
local function keep_journal_for_a_day(id) redis.call('EXPIRE', journal_key(id), 86400) end
local function keep_journal(id) redis.call('PERSIST', journal_key(id)) end

-- Producers push left and consumers take right: the right end is the front.
local function to_front(id) redis.call('RPUSH', pending, id) end
local function to_back(id) redis.call('LPUSH', pending, id) end

-- The dead letter of a job: what an operator needs to decide about it, kept until he does. One that is
-- there already keeps its body if there is no other: an id that is pushed again when its body has run
-- out must not cost the text.
-- `body`: its text, or false to take what is under its key, whatever that is.
-- `told`: '0' while the server has to be told, else why not.
local function bury(id, body, kind, cause, told)
  if not body then
    local raw = redis.pcall('GET', job_key(id))
    if type(raw) == 'string' then body = raw end
    if type(raw) == 'table' then redis.call('PERSIST', job_key(id)) end  -- not a string: stays there
    if not body and (redis.call('HGET', letter_key(id), 'body') or '') ~= '' then
      redis.call('ZADD', dead, 'NX', now(), id)
      keep_journal(id)
      return
    end
  end
  redis.call('HSET', letter_key(id), 'body', body or '', 'kind', kind, 'cause', cause,
             'at', now(), 'told', told)
  redis.call('ZADD', dead, now(), id)
  keep_journal(id)
  if told == '0' then redis.call('ZADD', untold, now(), id) end
end

-- For an id that its owner had and that is in the processing list no more, since a Python worker which
-- had it before has taken it out: is it finished, or in another place? Else it would be lost with us.
local function settled_by_another(id)
  local body = redis.pcall('GET', job_key(id))
  if type(body) ~= 'string' then return true end
  local readable, job = pcall(cjson.decode, body)
  if readable and type(job) == 'table' and (job.status == 'completed' or job.status == 'failed') then
    return true
  end
  return redis.call('LPOS', pending, id) or redis.call('ZSCORE', delayed, id) or
         redis.call('ZSCORE', parked, id) or redis.call('ZSCORE', dead, id)
end

-- Why the server is not told that a job is dead, or '0' if it is: one that has heard of the job's end must
-- not hear of another.
local function told_of(id)
  return redis.call('HEXISTS', journal_key(id), 'reported') == 1 and 'the server has its completion' or '0'
end

-- As the peers leave a failed job, whose last owner could not write that. Within a text the quotes would
-- have backslashes before them; a body that says the same status in two places is left as it is.
local function mark_failed(id)
  local body = redis.pcall('GET', job_key(id))
  if type(body) ~= 'string' then return end
  local readable, job = pcall(cjson.decode, body)
  local status = readable and type(job) == 'table' and type(job.status) == 'string' and
                     string.match(job.status, '^%l+$') or '%l+'
  local marked, times = string.gsub(body, '("status"%s*:%s*")' .. status .. '"', '%1failed"')
  redis.call('SET', job_key(id), times == 1 and marked or body, 'EX', 3600)
end

local in_doubt = 0  -- paid calls of which nobody knows whether they were carried out

-- Back to the front from an owner that died with it in hand; the last time, buried as poison.
local function take_back(id, most_crashes)
  if not redis.call('LPOS', processing, id) and settled_by_another(id) then
    release(id)
    return 'settled'
  end
  set_aside_odd(id)
  local asked = redis.call('HGET', journal_key(id), 'asked') or ''
  for _ in string.gmatch(asked, '%S+') do in_doubt = in_doubt + 1 end
  local crashes = redis.call('HINCRBY', journal_key(id), 'crashes', 1)
  release(id)
  if crashes < most_crashes then
    keep_journal_for_a_day(id)
    to_front(id)
    return 'requeued'
  end
  mark_failed(id)
  bury(id, false, 'poison', crashes .. ' workers died while they had it in hand', told_of(id))
  return 'buried'
end

-- The day (UTC) of a moment in ms, as "2026-11-25". Days are counted from the first of March of the
-- year 0, so that a leap day is the last of its year.
local function day_of(ms)
  local day = math.floor(ms / 86400000) + 719468
  local era = math.floor(day / 146097)
  day = day - era * 146097
  local year = math.floor((day - math.floor(day / 1460) + math.floor(day / 36524) -
                           math.floor(day / 146096)) / 365)
  day = day - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local month = math.floor((5 * day + 2) / 153)
  day = day - math.floor((153 * month + 2) / 5) + 1
  month = month < 10 and month + 3 or month - 9
  year = year + era * 400 + (month <= 2 and 1 or 0)
  return string.format('%04d-%02d-%02d', year, month, day)
end

-- The book of a day's spending: fields 'all' and 'of:CUSTOMER' with five figures each (calls, tokens
-- in, tokens out, billionths of a dollar, calls of unknown price), and 'written:WORKER'.
local function spend_key(ms) return ARGV[4] .. day_of(ms) end
local function figures_in(text)
  local figures = {}
  for figure in string.gmatch(text or '', '%d+') do figures[#figures + 1] = tonumber(figure) end
  for i = #figures + 1, 5 do figures[i] = 0 end
  return figures
end
local function spent(book, field) return figures_in(redis.call('HGET', book, field)) end

-- Which cap of today is reached for a customer, in words; nil if none is. `from`: where in ARGV what may
-- be spent stands: billionths of a dollar by all, by the customer, tokens by all, by the customer.
local function cap_reached(customer, from)
  local book = spend_key(now())
  local fields = {'all', 'of:' .. customer}
  local whose = {'all customers', 'customer ' .. customer}
  for i = 1, 2 do
    local usd, tokens = tonumber(ARGV[from + i - 1]), tonumber(ARGV[from + i + 1])
    local sum = spent(book, fields[i])
    if usd > 0 and sum[4] >= usd then
      return string.format('%s may spend %.2f USD a day, and %.2f are spent', whose[i], usd / 1e9,
                           sum[4] / 1e9)
    end
    if tokens > 0 and sum[2] + sum[3] >= tokens then
      return string.format('%s may use %.0f tokens a day, and %.0f are used', whose[i], tokens,
                           sum[2] + sum[3])
    end
  end
  return nil
end

-- A parked job's body lives by the day again, as in the pending list; the caller puts it there.
local function out_of_parked(id, seconds)
  redis.call('ZREM', parked, id)
  redis.call('EXPIRE', job_key(id), seconds)
  redis.pcall('HDEL', journal_key(id), 'parked', 'payer')
  keep_journal_for_a_day(id)
end
