"""The Lua of the token store. Every script of one person gets the same keys, all in the installation's hash slot.

A generation (`gen`) and an epoch are Redis's time in microseconds: unique, never reused after an unlink, and exact in
Lua's numbers. A mark is the moment of an unlink or uninstall: whatever was begun before it is dead.
"""

RELINK_SECONDS = 7 * 86400  # a late winner of a refresh may still save; then the dead pair is erased
GONE_SECONDS = 86400  # how long CT may take to accept a revocation
PROVING_SECONDS = (
    GONE_SECONDS  # one that was cut off is revoked by due work: it must not be lost while no replica lives
)
MARK_SECONDS = 86400  # longer than any linking or refresh that a mark must stop

_HEAD = f"""
local REC, NEW, GONE, LOCK, TRIES, LINKED = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[9]
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local function int(n) return string.format('%.0f', n) end
local function dead(epoch)
  for i = 6, 8 do
    local mark = redis.call('GET', KEYS[i])
    if mark and tonumber(mark) >= tonumber(epoch) then return true end
  end
  return false
end
local function read(key)
  local r = redis.call('HMGET', key, 'gen', 'status', 'blob', 'account', 'refresh_at', 'epoch')
  if not r[1] or dead(r[6]) then return false end
  return {{r[1], r[2], r[3], r[4] or '', int(r[5] - now / 1000)}}
end
local function keep_for_revocation(gen, blob)
  redis.call('HSET', GONE, gen, blob)
  redis.call('EXPIRE', GONE, {GONE_SECONDS})
end
local function bury(key, loud)
  local r = redis.call('HMGET', key, 'gen', 'blob')
  if r[1] then keep_for_revocation(r[1], r[2]) end
  if r[1] and loud then redis.call('HSET', GONE, 'loud:' .. r[1], '1') end
  redis.call('DEL', key)
  return r[1] and 1 or 0
end
local function release(token)
  if redis.call('GET', LOCK) == token then redis.call('DEL', LOCK) end
end
"""

LOAD = _HEAD + "return read(REC)"

LOAD_PROVING = _HEAD + "return read(NEW)"

# member, epoch, blob, ms until the refresh timer
ADOPT = (
    _HEAD
    + f"""
if dead(ARGV[2]) then
  keep_for_revocation(int(now), ARGV[3])
  return false
end
bury(NEW)
redis.call('HSET', NEW, 'gen', int(now), 'status', 'PROVING', 'epoch', ARGV[2], 'blob', ARGV[3],
           'refresh_at', int(now / 1000 + ARGV[4]))
redis.call('EXPIRE', NEW, {PROVING_SECONDS})
redis.call('SADD', LINKED, ARGV[1])
return int(now)
"""
)

# gen, account, ct_user
ACTIVATE = (
    _HEAD
    + """
local n = redis.call('HMGET', NEW, 'gen', 'epoch', 'blob', 'refresh_at')
if n[1] ~= ARGV[1] or dead(n[2]) then return {0, 0, 0} end
local before = redis.call('HGET', REC, 'ct_user')
local switched = before and before ~= ARGV[3]
local replaced = bury(REC, switched)
redis.call('HSET', REC, 'gen', n[1], 'status', 'ACTIVE', 'epoch', n[2], 'blob', n[3], 'refresh_at', n[4],
           'account', ARGV[2], 'ct_user', ARGV[3], 'linked_at', int(now / 1000))
redis.call('DEL', NEW, TRIES)
return {1, switched and 1 or 0, replaced}
"""
)

# member, gen
ABANDON = (
    _HEAD
    + """
if redis.call('HGET', NEW, 'gen') ~= ARGV[2] then return 0 end
bury(NEW)
if redis.call('EXISTS', REC) == 0 then redis.call('SREM', LINKED, ARGV[1]) end
return 1
"""
)

# gen, lock token, lock ms. Answers {record, 1 if the lock is ours}
ENTER = (
    _HEAD
    + """
local r = read(REC)
if not r or r[1] ~= ARGV[1] or r[2] ~= 'ACTIVE' then return {r, 0} end
if redis.call('SET', LOCK, ARGV[2], 'NX', 'PX', ARGV[3]) then return {r, 1} end
return {r, 0}
"""
)

# lock token, lock ms, tries allowed a minute. Answers -1: the lock is not ours; 0: too many tries; else: go, and which
# try it is since the last success or the last quiet minute
PERMIT = (
    _HEAD
    + """
if redis.call('GET', LOCK) ~= ARGV[1] then return -1 end
if tonumber(redis.call('GET', TRIES) or '0') >= tonumber(ARGV[3]) then return 0 end
redis.call('PEXPIRE', LOCK, ARGV[2])
local try = redis.call('INCR', TRIES)
redis.call('EXPIRE', TRIES, 60)
return try
"""
)

RELEASE = _HEAD + "release(ARGV[1])"

# gen, lock token, blob, ms until the refresh timer. A repeat after a lost answer finds its own blob: saved.
SAVE = (
    _HEAD
    + """
local r = redis.call('HMGET', REC, 'gen', 'epoch', 'blob')
release(ARGV[2])
if r[1] and r[3] == ARGV[3] then return r[1] end
if r[1] ~= ARGV[1] or dead(r[2]) then
  keep_for_revocation(int(now), ARGV[3])
  return false
end
local gen = int(r[1] + 1)
redis.call('HSET', REC, 'gen', gen, 'status', 'ACTIVE', 'blob', ARGV[3], 'refresh_at', int(now / 1000 + ARGV[4]))
redis.call('PERSIST', REC)
redis.call('DEL', TRIES)
return gen
"""
)

# gen
END = (
    _HEAD
    + f"""
local r = redis.call('HMGET', REC, 'gen', 'status')
if r[1] ~= ARGV[1] or r[2] ~= 'ACTIVE' then return 0 end
redis.call('HSET', REC, 'status', 'NEEDS_RELINK')
redis.call('EXPIRE', REC, {RELINK_SECONDS})
return 1
"""
)

# gen, blob
REWRAP = _HEAD + "if redis.call('HGET', REC, 'gen') == ARGV[1] then redis.call('HSET', REC, 'blob', ARGV[2]) end"

# One key more: CT's code that is held for this person. Member. Answers {was linked, something to revoke}
UNLINK = (
    _HEAD
    + f"""
redis.call('SET', KEYS[8], int(now), 'EX', {MARK_SECONDS})
local linked, proving = bury(REC, true), bury(NEW)
redis.call('DEL', LOCK, TRIES, KEYS[10])
redis.call('SREM', LINKED, ARGV[1])
return {{linked, linked + proving}}
"""
)

# keys: marks. ARGV: the moment in microseconds, or 0 for now. Answers the moment
MARK = f"""
local t = redis.call('TIME')
local moment = tonumber(ARGV[1])
if moment == 0 then moment = t[1] * 1000000 + t[2] end
for _, key in ipairs(KEYS) do
  local mark = redis.call('GET', key)
  if not mark or tonumber(mark) < moment then
    redis.call('SET', key, string.format('%.0f', moment), 'EX', {MARK_SECONDS})
  end
end
return string.format('%.0f', moment)
"""

# keys: the set of members, then REC, NEW, GONE of each. ARGV: the moment, then the members.
# Answers, for each member, how many pairs went to revocation. Links begun after the moment stay.
FORGET = f"""
local out = {{}}
for m = 2, #ARGV do
  local at, buried, stays = 3 * (m - 2) + 2, 0, false
  for i = at, at + 1 do
    local r = redis.call('HMGET', KEYS[i], 'gen', 'blob', 'epoch')
    if r[1] and tonumber(r[3]) <= tonumber(ARGV[1]) then
      redis.call('HSET', KEYS[at + 2], r[1], r[2])
      redis.call('EXPIRE', KEYS[at + 2], {GONE_SECONDS})
      redis.call('DEL', KEYS[i])
      buried = buried + 1
    elseif r[1] then
      stays = true
    end
  end
  if not stays then redis.call('SREM', KEYS[1], ARGV[m]) end
  out[#out + 1] = buried
end
return out
"""
