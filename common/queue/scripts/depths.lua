-- How many jobs wait and how many are in somebody's hands, both at one moment.
--   KEYS  pending, processing
--   ARGV
--   gives the two lengths
--   guard none: nothing is written
return {redis.call('LLEN', KEYS[1]), redis.call('LLEN', KEYS[2])}
