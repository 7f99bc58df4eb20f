-- What a process may send to a model: its part of what all of them may together.
--   ARGV  the lane; who asks; requests and tokens a minute that an operator has set; the same as replies told
--         it (0: none); requests and tokens wanted (below 0: given back); since it asked last: calls that were
--         answered, calls that were refused as too many, and the longest wait in ms that it was asked for
--   gives requests and tokens granted; for all together, thousandths of requests a minute and tokens a minute
--         (0: no limit is known); how many processes ask; ms until anything may be sent; how many times calls
--         were refused
--   guard –
local lane, who = lane_key(ARGV[OWN + 1]), 'of:' .. ARGV[OWN + 2]
local function given(n) return tonumber(ARGV[OWN + n]) end

local MINUTE = 60000
local SURE = 0.96       -- of a limit is used: clocks differ, and calls take their time on the way
local BURST = 60        -- may be saved up of a limit: one part in so many
local ASKS = 1000       -- ms: what a process wanted longer ago it may not want any more
local LIVES = 10000     -- ms: a process that has not asked for so long is gone, and its share is free
local HALF = 30000      -- ms: answers are counted for between one and two of these
local VOLLEY = 2000     -- ms: refusals within this are one
local PAUSE = 500       -- ms after a refusal that names no wait; doubles while nothing but refusals comes
local MOST_DOUBLED = 5  -- times
local CUT = 0.9         -- of the rate is left after a refusal
local LEAST = 0.5       -- of a limit is believed in, however often calls are refused
local REGROWTH = 0.01   -- of a limit comes back in a second
local FIRST = 30        -- a minute, is the least that a rate is first taken for: little is known of it then
local SEARCH = 10000    -- ms: between two cuts of a rate that is found by refusals; they may have other reasons
local REGROWN = 40      -- seconds after which such a rate is about what it was before the cut
local FORGOTTEN = 600   -- seconds without a refusal after which it is given up

local at, state = now(), {}
local requests_wanted, tokens_wanted, processes = 0, 0, 1
local flat = redis.call('HGETALL', lane)
for i = 1, #flat, 2 do
  local field, value = flat[i], flat[i + 1]
  if field == who then
    -- it asks anew
  elseif field:sub(1, 3) == 'of:' then
    local requests, tokens, seen = value:match('(%S+) (%S+) (%S+)')
    if math.abs(at - seen) > LIVES then
      redis.call('HDEL', lane, field)
    else
      processes = processes + 1
      if at - seen <= ASKS then
        requests_wanted, tokens_wanted = requests_wanted + requests, tokens_wanted + tokens
      end
    end
  else
    state[field] = tonumber(value)
  end
end
local function was(field, unless) return state[field] or unless end

-- What happened later than now was written before the clock was put back: it is taken for now.
for _, field in ipairs({'counted_from', 'refused_at', 'cut_at'}) do
  if was(field, at) > at then
    state[field] = at
    redis.call('HSET', lane, field, at)
  end
end

-- What all of them were answered lately.
local from, count, before = was('counted_from', at), was('count', 0), was('count_before', 0)
if at - from >= 2 * HALF then
  from, count, before = at, 0, 0
elseif at - from >= HALF then
  from, count, before = from + HALF, 0, count
end
count = count + given(9)
local counted_for = at - from + (before > 0 and HALF or 0)

-- The rate: a limit that somebody knows, times how far refusals let us believe in it; or what we found by
-- refusals, which grows again, slowly at first, and is given up in the end.
local refused_at = was('refused_at', at)
local since = (at - refused_at) / 1000
local pace = math.min(1, was('pace', 1) + since * REGROWTH)
local found, cut_at = was('found', 0), was('cut_at', 0)
local function found_now()
  if found == 0 or since > FORGOTTEN then return 0 end
  return found * (1 + (since / REGROWN) ^ 3 / 10)
end
local told_requests = given(5) > 0 and given(5) or was('told_requests', 0)
local told_tokens = given(6) > 0 and given(6) or was('told_tokens', 0)
local known_requests = given(3) > 0 and given(3) or told_requests
local known_tokens = given(4) > 0 and given(4) or told_tokens

local refused, wait = given(10), given(11)
local in_vain, answered = was('in_vain', 0), was('answered', 0) + given(9)
local longest_wait = was('longest_wait', 0)  -- that anybody was asked for when may_send_at was set
local may_send_at = math.min(was('may_send_at', 0), at + longest_wait)
local refusals = was('refusals', 0)
local requests, tokens, filled = state.requests, state.tokens, math.min(was('filled', at), math.max(at, may_send_at))
local a_new_one = refused > 0 and (refusals == 0 or at - refused_at >= VOLLEY)
if a_new_one then
  in_vain = answered == 0 and math.min(in_vain + 1, MOST_DOUBLED) or 0
  answered = 0
  if wait == 0 then wait = PAUSE * 2 ^ in_vain end
end
if refused > 0 then
  if at + wait > may_send_at then may_send_at, longest_wait = at + wait, wait end
  -- Nothing is saved up for the end of the wait: then it begins at the pace of the rate.
  requests, tokens, filled = 0, math.min(tokens or 0, 0), math.max(at, may_send_at)
  if a_new_one then
    if known_requests > 0 or known_tokens > 0 then pace = math.max(LEAST, pace * CUT) end
    if known_requests == 0 then
      local last = found_now()
      if last == 0 then
        found = math.max(FIRST, CUT * (count + before) * MINUTE / math.max(counted_for + wait, 5000))
        cut_at = at
      elseif at - cut_at >= SEARCH then
        local measured = (count + before) * MINUTE / math.max(counted_for, 5000)
        found, cut_at = math.max(1, last / 2, CUT * math.min(last, measured)), at
      else
        found = last
      end
    end
    refusals, refused_at, since = refusals + 1, at, 0
    redis.call('HSET', lane, 'pace', pace, 'found', found, 'cut_at', cut_at, 'refusals',
               refusals, 'refused_at', at)
  end
end
local of_requests = known_requests > 0 and known_requests * SURE * pace or found_now()
local of_tokens = known_tokens * SURE * pace

-- The buckets, and what is in them for who asks.
local function fill(level, limit, least)
  local most = math.max(least, limit / BURST)
  if level == nil then return most end
  return math.max(level, math.min(most, level + math.max(0, at - filled) * limit / MINUTE))
end
local function draw(level, limit, least, want, others)
  if limit == 0 then return nil, 0 end
  level = fill(level, limit, least)
  if want < 0 then return math.min(level - want, math.max(least, limit / BURST)), 0 end
  if at < may_send_at then return level, 0 end
  local part = want + others > level and level * want / (want + others) or want
  local granted = math.max(0, math.min(want, math.floor(level), math.max(1, math.ceil(part))))
  return level - granted, granted
end
local granted_requests, granted_tokens
requests, granted_requests = draw(requests, of_requests, 1, given(7), requests_wanted)
tokens, granted_tokens = draw(tokens, of_tokens, 1, given(8), tokens_wanted)

redis.call('HSET', lane, 'counted_from', from, 'count', count, 'count_before', before, 'in_vain', in_vain,
           'answered', answered, 'told_requests',
           told_requests, 'told_tokens', told_tokens, 'may_send_at', may_send_at, 'longest_wait', longest_wait,
           'filled', math.max(at, filled), who,
           string.format('%d %d %.0f', math.max(0, given(7) - granted_requests),
                         math.max(0, given(8) - granted_tokens), at))
if requests then redis.call('HSET', lane, 'requests', requests) else redis.call('HDEL', lane, 'requests') end
if tokens then redis.call('HSET', lane, 'tokens', tokens) else redis.call('HDEL', lane, 'tokens') end
redis.call('EXPIRE', lane, 3600)
return {granted_requests, granted_tokens, math.floor(of_requests * 1000 + 0.5), math.ceil(of_tokens - 0.5), processes,
        math.max(0, may_send_at - at), refusals}
