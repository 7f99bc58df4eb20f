-- processing -> pending: at the back after a failed attempt, at the front when given back.
--   KEYS  owners, job, processing, pending
--   ARGV  id, token, body, seconds the body lives, 'back' or 'front'
--   gives 1, or 0 if the token does not own the job
--   guard owners[id] == token
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('LLEN', KEYS[4])  -- a key of the wrong type must fail before anything moves
redis.call('LREM', KEYS[3], -1, ARGV[1])
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
-- Producers push left and consumers take right, so the right end is the front.
redis.call(ARGV[5] == 'front' and 'RPUSH' or 'LPUSH', KEYS[4], ARGV[1])
return 1
