-- new -> pending, as the server's producer does it: the body for a day, the id on the left.
--   ARGV  id, body, seconds the body lives
--   gives 1
--   guard none
redis.call('SET', job_key(ARGV[OWN + 1]), ARGV[OWN + 2], 'EX', ARGV[OWN + 3])
to_back(ARGV[OWN + 1])
return 1
