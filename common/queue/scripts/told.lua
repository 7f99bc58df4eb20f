-- The server knows that a job is dead, or will never want to know.
--   ARGV  id, when the letter was written, '1' or why it will not
--   gives 1
--   guard the letter is the one that was written then
local id, letter = ARGV[OWN + 1], letter_key(ARGV[OWN + 1])
if redis.call('HGET', letter, 'at') ~= ARGV[OWN + 2] then return 1 end
redis.call('ZREM', untold, id)
redis.call('HDEL', letter, 'telling')
redis.call('HSET', letter, 'told', ARGV[OWN + 3])
return 1
