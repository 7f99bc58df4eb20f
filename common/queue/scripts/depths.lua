-- How many jobs are where, all at one moment.
--   ARGV  –
--   gives pending, processing, delayed, dead, untold, parked, now in ms, then when they were made, as
--         their bodies say it, of the jobs that are the next ones
--   guard none: nothing is written
local counts = {redis.call('LLEN', pending), redis.call('LLEN', processing),
                redis.call('ZCARD', delayed), redis.call('ZCARD', dead), redis.call('ZCARD', untold),
                redis.call('ZCARD', parked), now()}
-- Not only of the very next one: it may be a young one that was put back to the front. Bodies are
-- parsed, so not those that would hold Redis up.
for _, id in ipairs(redis.call('LRANGE', pending, -4, -1)) do
  local length = redis.pcall('STRLEN', job_key(id))
  if type(length) == 'number' and length <= 262144 then
    local readable, job = pcall(cjson.decode, redis.call('GET', job_key(id)) or '')
    if readable and type(job) == 'table' and type(job.created_at) == 'string' then
      counts[#counts + 1] = job.created_at
    end
  end
end
return counts
