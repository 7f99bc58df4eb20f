-- All that is wrong with one job at one moment; or one of these things mended, without losing a job.
--   ARGV  id, code of the finding to mend ('' to look only), its mark, seconds a waiting body lives
--   gives code, what, remedy, '1' if that can be mended here, mark, for each finding; when mending,
--         '1' if it was done
--   guard the finding is still there, with the same mark
local id, wanted, mark = ARGV[OWN + 1], ARGV[OWN + 2], ARGV[OWN + 3]

-- Where the job is, at this moment.
local function type_of(key) return redis.call('TYPE', key).ok end
local body_type, journal_type = type_of(job_key(id)), type_of(journal_key(id))
local letter_type = type_of(letter_key(id))
local waiting = #redis.call('LPOS', pending, id, 'COUNT', 0)
local in_hand = #redis.call('LPOS', processing, id, 'COUNT', 0)
local due, died = redis.call('ZSCORE', delayed, id), redis.call('ZSCORE', dead, id)
local to_tell, capped = redis.call('ZSCORE', untold, id), redis.call('ZSCORE', parked, id)
local owner, lease = redis.call('HGET', owners, id), redis.call('ZSCORE', leases, id)

local places = {}
if waiting > 0 then places[#places + 1] = 'pending' end
if in_hand > 0 then places[#places + 1] = 'processing' end
if due then places[#places + 1] = 'delayed' end
if capped then places[#places + 1] = 'parked' end
if died then places[#places + 1] = 'dead' end
local lives = waiting > 0 or in_hand > 0 or due or capped

local body = body_type == 'string' and redis.call('GET', job_key(id))
local digest = body and redis.sha1hex(body) or ''
local function has_ended()
  if not body then return false end
  local readable, job = pcall(cjson.decode, body)
  local status
  if readable then
    status = type(job) == 'table' and job.status
  else  -- within a string the quotes would have backslashes before them
    status = string.match(body, '"status"%s*:%s*"(%l+)"')
  end
  return status == 'completed' or status == 'failed'
end

-- The steps that mending is made of.
local function out_of_pending() redis.call('LREM', pending, 0, id) end
local function out_of_hand()
  redis.call('LREM', processing, 0, id)
  redis.call('HDEL', strangers, id)
end
local function disown()
  redis.call('HDEL', owners, id)
  redis.call('ZREM', leases, id)
  if journal_type == 'hash' then redis.call('HDEL', journal_key(id), 'asked') end
end
local function out_of_dead()
  redis.call('ZREM', dead, id)
  redis.call('ZREM', untold, id)
end
local function index_letter()
  redis.call('ZADD', dead, tonumber(redis.call('HGET', letter_key(id), 'at') or '') or now(), id)
end

local findings = {}
-- `mend`: what the remedy does, or nil if that is for people. `its_mark`: what has to be the same
-- at a later look, if a job on its way could look like this for a moment.
local function found(code, what, remedy, mend, its_mark)
  findings[#findings + 1] = {code, what, remedy, mend, its_mark or ''}
end

if waiting > 1 then
  found('twice-in-pending', 'it is ' .. waiting .. ' times in the pending list',
        'keep the one that is next', function() redis.call('LREM', pending, waiting - 1, id) end)
end
if in_hand > 1 then
  found('twice-in-processing', 'it is ' .. in_hand .. ' times in the processing list',
        'keep one of them', function() redis.call('LREM', processing, in_hand - 1, id) end)
end

if #places > 1 then
  local letter = died and letter_type == 'hash'
  local owned = owner and in_hand > 0
  local keep = owned and 'processing' or letter and 'dead' or waiting > 0 and 'pending' or
                   due and 'delayed' or capped and 'parked' or 'processing'
  local mend = function()
    if keep ~= 'pending' then out_of_pending() end
    if keep ~= 'processing' then out_of_hand() end
    if keep ~= 'delayed' then redis.call('ZREM', delayed, id) end
    if keep ~= 'parked' then redis.call('ZREM', parked, id) end
    if died and not letter then out_of_dead() end
  end
  local remedy = 'keep it in ' .. keep
  if owned and letter and waiting == 0 and not due and not capped then
    mend, remedy = nil, 'wait until its owner has ended it, then look again'
  end
  found('in-two-places', 'it is in ' .. table.concat(places, ' and in '), remedy, mend)
end

if owner and in_hand == 0 then
  found('owner-without-job', 'it has an owner, ' .. owner .. ', but is not in the processing list',
        'forget the owner', disown, owner)
end
if owner and in_hand > 0 and not lease then
  found('owner-without-lease', 'its owner, ' .. owner .. ', has no lease on it',
        'give it a lease that ran out, so that a supervisor takes it back',
        function() redis.call('ZADD', leases, now(), id) end, owner)
end
if lease and not owner then
  found('lease-without-owner', 'there is a lease on it, and no owner', 'remove the lease',
        function() redis.call('ZREM', leases, id) end)
end

if lives and not died and body_type ~= 'string' then
  local what = body_type == 'none' and 'there is no body under its key' or
                   'its key holds a ' .. body_type .. ', not a body'
  local mend = function()
    out_of_pending()
    out_of_hand()
    redis.call('ZREM', delayed, id)
    redis.call('ZREM', parked, id)
    disown()
    if letter_type == 'hash' then index_letter() return end
    bury(id, false, 'gone', what, 'nobody can be told: the job cannot be read')
  end
  local remedy = letter_type == 'hash' and 'leave it to its dead letter' or
                     'bury it with a dead letter that says so'
  if owner and in_hand > 0 then
    mend, remedy = nil, 'its owner writes the body back, or buries it: look again later'
  elseif letter_type ~= 'hash' and letter_type ~= 'none' then
    mend, remedy = nil, 'mend its dead letter first'
  end
  found('no-body', what, remedy, mend)
end

local finished = #places == 0 and has_ended()
if #places == 0 and body and not finished and letter_type == 'none' then
  found('no-place', 'its body does not say that it has ended, and it is in no list',
        'put it at the front of the pending list', function()
          disown()
          redis.call('EXPIRE', job_key(id), ARGV[OWN + 4])
          to_front(id)
        end, digest)
end
if #places == 0 and body_type ~= 'string' and body_type ~= 'none' then
  found('not-a-body', 'its key holds a ' .. body_type .. ', and it is in no list',
        'look at it, then delete or rename that key')
end

-- See set_aside_odd.
local aside = #places == 0 and string.match(id, '^(.+):odd$')
local function found_aside(what, type)
  found('set-aside', 'a ' .. type .. ' that stood for ' .. what .. ' of ' .. aside .. ' is set aside here',
        'look at it, then delete it')
end
if aside and journal_type ~= 'hash' and journal_type ~= 'none' then
  found_aside('the journal', journal_type)
elseif journal_type ~= 'hash' and journal_type ~= 'none' then
  found('not-a-journal', 'its journal is a ' .. journal_type,
        'look at it, then delete or rename it: the job is buried when something is to be noted of it')
end
if journal_type == 'hash' and #places == 0 and letter_type == 'none' and
    (finished or body_type == 'none') then
  if finished or owner then
    found('journal-without-job', 'it has ended and still has a journal',
          'the journal can go when the body has run out: look again in an hour', nil, digest)
  else
    found('journal-without-job', 'there is a journal, and nothing else of the job',
          'delete the journal', function() redis.call('DEL', journal_key(id)) end, digest)
  end
end

if aside and letter_type ~= 'hash' and letter_type ~= 'none' then
  found_aside('the dead letter', letter_type)
elseif letter_type ~= 'hash' and letter_type ~= 'none' then
  found('not-a-letter', 'its dead letter is a ' .. letter_type,
        'look at it, then delete or rename it')
end
if letter_type == 'hash' and not died then
  if not lives then
    found('letter-without-index', 'it has a dead letter, and is not among the dead',
          'put it there', index_letter)
  elseif body then
    found('letter-without-index', 'it has a dead letter, and lives', 'remove the letter',
          function()
            redis.call('DEL', letter_key(id))
            redis.call('ZREM', untold, id)
          end)
  end
end
if died and letter_type == 'none' and not lives then
  found('index-without-letter', 'it is among the dead and has no dead letter',
        'write a dead letter that says so', function()
          bury(id, false, 'gone', 'its dead letter was missing',
               to_tell and '0' or 'nobody knows whether the server has been told')
        end)
end
if to_tell and letter_type == 'none' and not died then
  found('untold-without-letter', 'the server has to be told of it, and it has no dead letter',
        'tell nobody', function() redis.call('ZREM', untold, id) end)
end
if died and letter_type == 'hash' and not to_tell and
    redis.call('HGET', letter_key(id), 'told') == '0' then
  found('telling-forgotten', 'it is dead, and nobody is going to tell the server',
        'have the server told', function() redis.call('ZADD', untold, now(), id) end)
end

if wanted == '' then
  local rows = {}
  for _, finding in ipairs(findings) do
    local row = {finding[1], finding[2], finding[3], finding[4] and '1' or '0', finding[5]}
    for _, value in ipairs(row) do rows[#rows + 1] = value end
  end
  return rows
end
for _, finding in ipairs(findings) do
  if finding[1] == wanted and finding[5] == mark and finding[4] then
    finding[4]()
    return '1'
  end
end
return '0'
