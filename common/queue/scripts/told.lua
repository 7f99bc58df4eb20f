-- The server knows that a job is dead, or will never want to know.
--   ARGV  id, '1' or why it will not
--   gives 1
--   guard there is such a letter
local id = ARGV[OWN + 1]
redis.call('ZREM', untold, id)
if redis.call('EXISTS', letter_key(id)) == 1 then
  redis.call('HSET', letter_key(id), 'told', ARGV[OWN + 2])
end
return 1
