-- processing, and the body says so.
--   KEYS  owners, job
--   ARGV  id, token, body, seconds the body lives
--   gives 1, or 0 if the token does not own the job
--   guard owners[id] == token
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
return 1
