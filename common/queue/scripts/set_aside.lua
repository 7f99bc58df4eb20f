-- processing -> set aside: a job that cannot be read leaves the list; what is under its key stays
-- as it is, without a time limit, for somebody to look at.
--   KEYS  owners, job, processing
--   ARGV  id, token
--   gives 1, or 0 if the token does not own the job
--   guard owners[id] == token
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('LREM', KEYS[3], -1, ARGV[1])  -- the oldest are at the right end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('PERSIST', KEYS[2])
return 1
