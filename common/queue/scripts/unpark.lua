-- parked -> pending at the back, for jobs whose caps are not reached any more: the day has turned, or
-- more may be spent.
--   ARGV  first, last (positions among the parked, the oldest first), seconds the body lives, then
--         what may be spent, as for park
--   gives how many were looked at, how many went
--   guard no cap of the job's customer is reached
check_types()
local ids = redis.call('ZRANGE', parked, ARGV[OWN + 1], ARGV[OWN + 2])
local went, known = 0, {}
for _, id in ipairs(ids) do
  local payer = redis.pcall('HGET', journal_key(id), 'payer')
  if type(payer) ~= 'string' then payer = 'none' end
  if known[payer] == nil then known[payer] = cap_reached(payer, OWN + 4) or false end
  if not known[payer] then
    out_of_parked(id, ARGV[OWN + 3])
    to_back(id)
    went = went + 1
  end
end
return {#ids, went}
