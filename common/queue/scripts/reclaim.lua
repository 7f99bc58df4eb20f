-- processing -> pending, at the front, for all jobs in the hands of a process that is no more.
--   KEYS  owners, processing, pending
--   ARGV  what the tokens of that process begin with
--   gives how many
--   guard owners[id] begins with it
local prefix = ARGV[1]
redis.call('LLEN', KEYS[3])  -- a key of the wrong type must fail before anything moves
local count = 0
local mine = {}
local owners = redis.call('HGETALL', KEYS[1])
for i = 1, #owners, 2 do
  if string.sub(owners[i + 1], 1, #prefix) == prefix then mine[owners[i]] = true end
end
-- Producers push left and consumers take right, so the right end is the front. The newest of the
-- list is its first: pushed in this order, the jobs stand as they stood before they were taken.
for _, id in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
  if mine[id] and redis.call('HDEL', KEYS[1], id) == 1 then
    redis.call('LREM', KEYS[2], -1, id)
    redis.call('RPUSH', KEYS[3], id)
    count = count + 1
  end
end
-- Of those whom somebody else has taken out of the list, only the owner is forgotten.
for id in pairs(mine) do redis.call('HDEL', KEYS[1], id) end
return count
