-- new -> pending, as the server's producer does it: the body for a day, the id on the left.
--   KEYS  job, pending
--   ARGV  id, body, seconds the body lives
--   gives 1
--   guard none
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
redis.call('LPUSH', KEYS[2], ARGV[1])
return 1
