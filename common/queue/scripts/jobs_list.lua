-- Some of the jobs in one state, the next one first.
--   ARGV  state (pending, processing, delayed, parked or dead), first, last (positions), length of
--         the longest body that is given
--   gives how many there are; then of each: id, body ('' if there is none of such a length), bytes of
--         the body, ms of its lease, its due time, its parking or its death, or '', its owner or ''
--   guard none: nothing is written
local state, first, last = ARGV[OWN + 1], tonumber(ARGV[OWN + 2]), tonumber(ARGV[OWN + 3])
local list = ({pending = pending, processing = processing})[state]
local set = ({delayed = delayed, parked = parked, dead = dead})[state]
local ids, times = {}, {}
if list then
  local found = redis.call('LRANGE', list, -1 - last, -1 - first)
  for i = #found, 1, -1 do ids[#ids + 1] = found[i] end  -- the right end is the front
else
  local found = redis.call('ZRANGE', set, first, last, 'WITHSCORES')
  for i = 1, #found, 2 do
    ids[#ids + 1] = found[i]
    times[found[i]] = found[i + 1]
  end
end
local rows = {tostring(list and redis.call('LLEN', list) or redis.call('ZCARD', set))}
for _, id in ipairs(ids) do
  local body = redis.pcall('GET', job_key(id))
  if state == 'dead' then body = redis.pcall('HGET', letter_key(id), 'body') end
  if type(body) ~= 'string' then body = '' end
  local lease = state == 'processing' and redis.call('ZSCORE', leases, id)
  local owner = state == 'processing' and redis.call('HGET', owners, id)
  local row = {id, #body <= tonumber(ARGV[OWN + 4]) and body or '', tostring(#body),
               times[id] or lease or '', owner or ''}
  for _, value in ipairs(row) do rows[#rows + 1] = value end
end
return rows
