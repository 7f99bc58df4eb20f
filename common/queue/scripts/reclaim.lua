-- processing -> pending, at the front, for all jobs in the hands of a process that is no more.
--   KEYS  owners, processing, pending
--   ARGV  what the tokens of that process begin with
--   gives how many
--   guard owners[id] begins with it
local prefix = ARGV[1]
redis.call('LLEN', KEYS[3])
local count = 0
local owners = redis.call('HGETALL', KEYS[1])
for i = 1, #owners, 2 do
  local id, token = owners[i], owners[i + 1]
  if string.sub(token, 1, #prefix) == prefix then
    -- Producers push left and consumers take right, so the right end is the front.
    if redis.call('LREM', KEYS[2], -1, id) > 0 then redis.call('RPUSH', KEYS[3], id) end
    redis.call('HDEL', KEYS[1], id)
    count = count + 1
  end
end
return count
