-- processing -> pending at the front, for jobs in the hands of a worker without leases (a Python
-- worker's), once they have been there with the same body for the job time-out.
--   ARGV  ms of the time-out
--   gives how many were put back, how many such jobs there are
--   guard no owner of ours, and first seen with this very body that long ago
local timeout, moment = tonumber(ARGV[OWN + 1]), now()
local back, seen = 0, {}
check_types()
for _, id in ipairs(redis.call('LRANGE', processing, 0, -1)) do
  if redis.call('HEXISTS', owners, id) == 0 then
    local body = redis.pcall('GET', job_key(id))
    -- A peer that fails a job and takes it again writes another body.
    local mark = redis.sha1hex(type(body) == 'string' and body or '')
    local noted = redis.call('HGET', strangers, id)
    local since, noted_mark = string.match(noted or '', '^(%d+) (%x+)$')
    if noted_mark ~= mark then
      since = moment
      redis.call('HSET', strangers, id, string.format('%.0f', moment) .. ' ' .. mark)
    end
    if moment - tonumber(since) >= timeout then
      release(id)
      redis.call('HDEL', strangers, id)
      to_front(id)
      back = back + 1
    else
      seen[id] = true
    end
  end
end
local left = 0
for _, id in ipairs(redis.call('HKEYS', strangers)) do
  if seen[id] then left = left + 1 else redis.call('HDEL', strangers, id) end
end
return {back, left}
