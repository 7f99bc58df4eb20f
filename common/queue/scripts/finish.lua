-- processing -> completed or failed: out of the list, the body tells which.
--   KEYS  owners, job, processing
--   ARGV  id, token, body, seconds the body lives
--   gives 1, or 0 if the token does not own the job
--   guard owners[id] == token
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('LREM', KEYS[3], -1, ARGV[1])  -- the oldest are at the right end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
return 1
