/*
 * The lease protocol of the queue: who may hold, settle and take back a job, and that none is lost
 * whoever dies or stops, at any moment. docs/lease-model.md reads beside this file;
 * tools/check-model runs it.
 *
 * A Lua script is one d_step, and bears its name. What is in Redis is in the arrays over the jobs;
 * what a worker remembers is in the arrays over the hands (a hand is one job's coroutine). A
 * process has one control state only: a state of the model is exactly Redis and these memories.
 *
 * What goes wrong costs one of TROUBLES: a crash, a pause, a lost reply, a job given back. With
 * OPERATOR so does what ryumemctl and the day's caps do: cancel, park, retry from the dead.
 */

#ifndef TROUBLES
#define TROUBLES 2
#endif
#ifndef JOBS
#define JOBS 2
#endif
#ifndef HANDS
#define HANDS 3    /* the last one is worker 1's, the others are worker 0's */
#endif
#ifndef POISON
#define POISON 2   /* so many owners may die with a job; 3 in the program */
#endif
#ifndef ATTEMPTS
#define ATTEMPTS 2 /* max_retries; 3 in the program */
#endif
#define WORKERS 2
#define TOKENS (HANDS + JOBS)
#define NOBODY 255

/* --- Redis ------------------------------------------------------------------------------------ */

byte pending[JOBS];    /* how often the id is in extraction_jobs */
byte processing[JOBS]; /* how often the id is in extraction_processing */
bit delayed[JOBS];
bit dead[JOBS];
bit untold[JOBS];
byte done[JOBS];       /* the body says ended: 2 by the peer, with a journal left, else 1 */
byte retries[JOBS];    /* the body's retry_count */
byte owner[JOBS];      /* a token, or 0 */
byte lease[JOBS];      /* 0 none, 1 running, 2 run out */
bit asked[JOBS];       /* journal: a paid call is out */
bit answer[JOBS];      /* journal: the answer is there */
byte crashes[JOBS];    /* journal: owners that died with the job */
byte note[JOBS];       /* strangers: 0 none, 1 noted, 2 the job timeout has passed since */
bit other_body[JOBS];  /* strangers: the body is not as it was noted */

#define journal(j) (asked[j] || answer[j] || crashes[j])
#define stranger(j) (processing[j] && !owner[j])

/* --- memories --------------------------------------------------------------------------------- */

#define IDLE 0
#define LOST 1     /* a claim whose reply was lost, to be put back */
#define HELD 2
#define ASKED 3    /* the paid call is out */
#define READY 4    /* the answer is in the journal */
#define CLAIMING 5 /* only in a broken claim */
#define ENDING 6   /* only in a broken finish */

byte phase[HANDS];
byte job[HANDS] = NOBODY;
byte token[HANDS];
byte clock[HANDS]; /* the worker's own view of its lease: 0 gone, 1 running, 2 may have run out */
byte uses[HANDS];  /* 0 no answer, 1 the one in the journal, 2 one that the journal no longer has */

bit alive[WORKERS] = 1;
bit cut[WORKERS];   /* stopped, or without a way to Redis */
bit knows[WORKERS]; /* its supervisor saw it die and has not reclaimed yet */
byte peer = NOBODY; /* the job in the Python worker's hands */

byte trouble = TROUBLES;

/* --- what only the properties look at --------------------------------------------------------- */

bit rightful[HANDS]; /* nobody has taken the job from this hand since it was claimed */
bit strayed[JOBS];   /* a peer took it */
bit doubted[JOBS];   /* a claim found a call in doubt, and counted it */
bit peer_noted;      /* the note was made of what the peer holds now */
bit fenced[HANDS];   /* an operator has cancelled the job in this hand */

/*
 * Tokens: a claim takes one that nobody remembers any more, neither Redis nor a hand, which no
 * script can tell from one that never was. 0 free, else worker + 1, and 10 more once it is dead.
 */
byte process_of[TOKENS + 1];

/* A property says nothing of steps that are never taken: with WITNESS=K the model must fail here. */
#ifndef WITNESS
#define WITNESS 0
#endif
#define reached(k) assert(WITNESS != k)

hidden byte x;
hidden byte y;
hidden byte n;
hidden byte found;

#define worker_of(h) ((h) == HANDS - 1)
#define up(w) (alive[w] && !cut[w])
#define working(h) (phase[h] == HELD || phase[h] == ASKED || phase[h] == READY)
#define owns(h) (owner[job[h]] == token[h])

/* --- properties, after every step ------------------------------------------------------------- */

inline check() {
  /* forget the tokens that nobody remembers */
  for (x : 1 .. TOKENS) {
    found = 0;
    for (y : 0 .. JOBS - 1) { if :: owner[y] == x -> found = 1 :: else fi }
    for (y : 0 .. HANDS - 1) { if :: token[y] == x -> found = 1 :: else fi }
    if :: !found -> process_of[x] = 0 :: else fi
  }
  for (x : 0 .. JOBS - 1) {
    /* (b) none lost, none twice */
    n = pending[x] + processing[x] + delayed[x] + dead[x] + (done[x] > 0);
#ifdef PEER_WEAK
    assert(n || owner[x]);
#else
    assert(n == 1);
    /* an owner, a lease and a place in the processing list go together, unless a peer has it */
    assert(!owner[x] || processing[x] == 1);
    assert((owner[x] != 0) == (lease[x] != 0));
    assert(!stranger(x) || strayed[x]);
    /* (d) what we finish leaves nothing behind */
    assert(done[x] != 1 || !journal(x));
#endif
    /* (a) at most one hand's settling would be accepted */
    n = 0;
    for (y : 0 .. HANDS - 1) {
      if
      :: working(y) && job[y] == x && owner[x] == token[y] -> n++
      :: else
      fi
    }
    assert(n <= 1);
  }
#ifndef PEER_WEAK
  /* (a') while a lease runs, nobody takes the job from its holder */
  for (x : 0 .. HANDS - 1) { assert(!working(x) || clock[x] != 1 || owns(x) || fenced[x]) }
#endif
  n = 0 /* spin does not let a d_step end in a loop */
}

inline taken_from_all(j) {
  for (x : 0 .. HANDS - 1) { if :: job[x] == j -> rightful[x] = 0 :: else fi }
}

/* A settling that was accepted: (a) it was the rightful holder's; (e) it acted on the answer that
 * the journal has, so that whoever comes next does not act on another. */
#ifdef PEER_WEAK
#define accepted(h)
#else
#define accepted(h) assert(rightful[h]); assert(uses[h] != 2)
#endif

/* --- scripts ---------------------------------------------------------------------------------- */

inline drop(h) {
  phase[h] = IDLE; job[h] = NOBODY; token[h] = 0; clock[h] = 0; uses[h] = 0; rightful[h] = 0;
  fenced[h] = 0;
}

inline fresh_token(h) {
#ifdef BREAK_UNIQUE
  token[h] = worker_of(h) + 1; /* the worker's name alone */
#else
  n = 1;
  do :: process_of[n] -> n++ :: else -> break od;
  token[h] = n;
#endif
  process_of[token[h]] = worker_of(h) + 1;
}

inline leave_processing(j) {
  if :: processing[j] -> processing[j]-- :: else fi;
  owner[j] = 0; lease[j] = 0;
}

inline forget_journal(j) {
  asked[j] = 0; answer[j] = 0; crashes[j] = 0;
}

/* What no step and no property looks at any more is made the same, for fewer states. */
inline ended(j) {
  retries[j] = 0; strayed[j] = 0;
#ifndef OPERATOR
  doubted[j] = 0; /* an operator may bring the job back while an answer of before is on its way */
#endif
}

/* bury.lua. The journal goes with the dead letter, where nobody writes it any more; only an operator
 * brings both back. */
inline put_among_dead(j) {
  dead[j] = 1; untold[j] = 1; done[j] = 0;
#ifdef OPERATOR
  crashes[j] = 0;
  if :: asked[j] -> asked[j] = 0; doubted[j] = 1 :: else fi; /* its call is still out */
#else
  forget_journal(j);
#endif
  ended(j);
}

/* Another answer than before is in the journal. */
inline other_answer(j) {
  answer[j] = 1;
  for (x : 0 .. HANDS - 1) { if :: job[x] == j && uses[x] -> uses[x] = 2 :: else fi }
}

inline burn_attempt(j) {
  retries[j]++;
  if :: note[j] -> other_body[j] = 1 :: else fi;
}

/* The two halves of claim.lua, which is both of them in one. */
inline claim_move(h, j) {
  pending[j]--; processing[j]++;
  taken_from_all(j);
  fresh_token(h);
  job[h] = j; rightful[h] = 1;
  phase[h] = CLAIMING;
}
inline claim_own(h, j) {
  owner[j] = token[h]; lease[j] = 1;
  phase[h] = HELD; clock[h] = 1; uses[h] = answer[j];
  if :: asked[j] && !answer[j] -> reached(10); doubted[j] = 1 :: else fi;
}

/* reclaim.lua and expire.lua: to the front, or among the dead the POISONth time. `crash`: somebody
 * died with it; a claim whose reply was lost is put back without that. */
inline take_back(j, crash) {
#ifdef BREAK_FORGET
  n = processing[j];
#else
  /* a late peer may have taken the id out of the list: put back all the same, unless it ended */
  n = processing[j] || !done[j];
#endif
  leave_processing(j);
  taken_from_all(j);
  if
  :: n ->
    crashes[j] = crashes[j] + crash;
    if
    :: crashes[j] >= POISON -> reached(4); put_among_dead(j)
    :: else -> pending[j]++
    fi
  :: else
  fi
}

/* The guard of every settling script. */
#ifdef BREAK_TOKEN
#define guard(h) (owner[job[h]] != 0)
#else
#define guard(h) owns(h)
#endif

/* complete.lua */
inline finish(h) {
  n = job[h];
  accepted(h);
  leave_processing(n);
#ifndef BREAK_JOURNAL
  forget_journal(n);
#endif
  done[n] = 1; ended(n);
}

/* delay.lua while attempts are left, bury.lua when they are spent */
inline fail_attempt(h) {
  n = job[h];
  accepted(h);
  leave_processing(n);
  if :: phase[h] == ASKED -> asked[n] = 0 :: else fi;
  burn_attempt(n); done[n] = 0;
  if
  :: retries[n] >= ATTEMPTS -> reached(3); put_among_dead(n)
  :: else -> delayed[n] = 1
  fi
}

/* bury.lua: refused, gone, rejected */
inline bury(h) {
  n = job[h];
  accepted(h);
  leave_processing(n);
  asked[n] = 0;
  put_among_dead(n);
}

/* give_back.lua, to the front */
inline give_back(h) {
  n = job[h];
  accepted(h);
  leave_processing(n);
  pending[n]++; done[n] = 0;
}

/* park.lua: until the day turns, which is no failure. It waits among the delayed, from where unpark.lua
 * and let_go_on.lua bring it back as promote.lua and job_hasten.lua do. */
inline park(h) {
  n = job[h];
  accepted(h);
  leave_processing(n);
  delayed[n] = 1; done[n] = 0;
}

/* --- a hand: one job's coroutine in a worker -------------------------------------------------- */

#define may_claim(h, j) (up(worker_of(h)) && phase[h] == IDLE && pending[j])
#define can(h) (up(worker_of(h)))

proctype Hand(byte h) {
end:
  do
#define CLAIMS(j) \
  :: d_step { may_claim(h, j) -> claim_move(h, j); claim_own(h, j); check() } \
  /* the reply is lost: the worker puts the claim back by its batch */ \
  :: d_step { may_claim(h, j) && trouble -> trouble--; \
      claim_move(h, j); claim_own(h, j); phase[h] = LOST; clock[h] = 0; uses[h] = 0; check() } \
  /* the claim reaches Redis after it was given up: nobody knows of it */ \
  :: d_step { may_claim(h, j) && trouble -> trouble--; \
      claim_move(h, j); claim_own(h, j); drop(h); check() }
#define HALF_CLAIMS(j) \
  :: d_step { may_claim(h, j) -> claim_move(h, j); check() }
#ifdef BREAK_CLAIM
  HALF_CLAIMS(0)
#if JOBS > 1
  HALF_CLAIMS(1)
#endif
  :: d_step { can(h) && phase[h] == CLAIMING -> claim_own(h, job[h]); check() }
#else
  CLAIMS(0)
#if JOBS > 1
  CLAIMS(1)
#endif
#endif

  :: d_step { can(h) && phase[h] == LOST -> /* reclaim.lua, for the batch */
      if :: owns(h) -> reached(1); y = job[h]; take_back(y, 0) :: else fi;
      drop(h); check() }

  :: d_step { can(h) && phase[h] == HELD && uses[h] -> reached(15); phase[h] = READY; check() }

  /* journal.lua: asked, before the call; not before a lease that may have run out is renewed */
  :: d_step { can(h) && phase[h] == HELD && !uses[h] && clock[h] == 1 ->
      if
      :: guard(h) ->
#ifndef PEER_WEAK
        assert(!answer[job[h]] || doubted[job[h]]); /* (e) paid again only for one in doubt */
#endif
        asked[job[h]] = 1; phase[h] = ASKED;
        done[job[h]] = 0 /* start.lua came before it */
      :: else -> drop(h)
      fi;
      check() }

  /* journal.lua: the answer */
  :: d_step { can(h) && phase[h] == ASKED ->
      n = job[h];
      if
      :: guard(h) -> asked[n] = 0; other_answer(n); uses[h] = 1; phase[h] = READY
      :: else -> /* late: only where a job lives that has none */
        if
#ifdef BREAK_LATE
        :: !answer[n] -> answer[n] = 1
#else
#ifdef BREAK_NX
        :: !done[n] && !dead[n] -> other_answer(n)
#else
        :: !done[n] && !dead[n] && !answer[n] -> reached(2); answer[n] = 1
#endif
#endif
        :: else
        fi;
        drop(h)
      fi;
      check() }

#ifdef BREAK_FINISH
  /* as the peer does it: out of the list first, then the body */
  :: d_step { can(h) && phase[h] == READY ->
      if
      :: guard(h) -> leave_processing(job[h]); forget_journal(job[h]); phase[h] = ENDING
      :: else -> drop(h)
      fi;
      check() }
  :: d_step { can(h) && phase[h] == ENDING -> done[job[h]] = 1; ended(job[h]); drop(h); check() }
#else
  :: d_step { can(h) && phase[h] == READY ->
      if :: guard(h) -> finish(h) :: else -> reached(9) fi;
      drop(h); check() }
  /* the reply is lost: it will be sent again */
  :: d_step { can(h) && phase[h] == READY && guard(h) && trouble ->
      trouble--; finish(h); clock[h] = 0; check() }
#endif

  :: d_step { can(h) && (phase[h] == HELD || phase[h] == ASKED || phase[h] == READY) ->
      if :: guard(h) -> fail_attempt(h) :: else fi;
      drop(h); check() }
  :: d_step { can(h) && phase[h] == READY && guard(h) && trouble ->
      trouble--; fail_attempt(h); clock[h] = 0; check() }

  :: d_step { can(h) && phase[h] == ASKED && guard(h) -> bury(h); drop(h); check() }

  :: d_step { can(h) && working(h) && trouble && guard(h) ->
      trouble--; give_back(h); drop(h); check() }

#ifdef OPERATOR
  :: d_step { can(h) && phase[h] == HELD && trouble && guard(h) -> reached(17);
      trouble--; park(h); drop(h); check() }
#endif
  od
}

/* --- a worker's renewal, for all its hands at once -------------------------------------------- */

#ifdef BREAK_RENEW
#define renews(h) (owner[job[h]] != 0)
#else
#define renews(h) owns(h)
#endif
#define stale_news(h) (!renews(h) && !(phase[h] == ASKED && clock[h] == 0))
#define renewal(h, w) \
  (worker_of(h) == w && working(h) && (renews(h) && clock[h] != 1 || stale_news(h)))

proctype Renewal(byte w) {
end:
  do
  :: d_step { /* renew.lua */
      up(w) && (renewal(0, w) || renewal(HANDS - 2, w) || renewal(HANDS - 1, w)) ->
      for (y : 0 .. HANDS - 1) {
        if
        :: worker_of(y) == w && working(y) ->
          if
          :: renews(y) -> reached(14); lease[job[y]] = 1; clock[y] = 1
          :: else ->
            /* not ours any more: stops at its next step, which for a call is its answer */
            reached(8);
            if :: phase[y] == ASKED -> clock[y] = 0 :: else -> drop(y) fi
          fi
        :: else
        fi
      }
      check() }
  /* told.lua; posting the same once more does no harm, so the post and the script are one */
  :: d_step { up(w) && untold[0] -> reached(11); untold[0] = 0 }
#if JOBS > 1
  :: d_step { up(w) && untold[1] -> untold[1] = 0 }
#endif
  od
}

/* --- supervisors ------------------------------------------------------------------------------ */

#define any(what) (what[0] JOB1(|| what[1]))
#if JOBS > 1
#define JOB1(text) text
#else
#define JOB1(text)
#endif
#define note_due(j) \
  (stranger(j) && (note[j] != 1 || other_body[j]) || !stranger(j) && note[j])

#ifdef BREAK_RECLAIM
#define of_the_dead(t, w) (process_of[t] % 10 == w + 1) /* the slot, not the process */
#else
#define of_the_dead(t, w) (process_of[t] == w + 11)
#endif

proctype Supervisor(byte s) {
#ifdef BREAK_EXPIRE
  byte seen;
#endif
end:
  do
  :: d_step { !alive[s] -> alive[s] = 1; check() }

#ifndef NO_RECLAIM
  :: d_step { knows[s] -> /* reclaim.lua, for the dead process */
      knows[s] = 0;
      for (y : 0 .. JOBS - 1) {
        if :: owner[y] && of_the_dead(owner[y], s) -> reached(5); take_back(y, 1) :: else fi
      }
      check() }
#endif

#ifndef NO_EXPIRE
#ifdef BREAK_EXPIRE
  /* looks first and takes later, without looking again */
  :: d_step { !seen && (lease[0] == 2 JOB1(|| lease[1] == 2)) ->
      seen = (lease[0] == 2) JOB1(+ 2 * (lease[1] == 2)) }
  :: d_step { seen ->
      for (y : 0 .. JOBS - 1) {
        if :: owner[y] && (seen >> y) % 2 -> take_back(y, 1) :: else fi
      }
      seen = 0; check() }
#else
  :: d_step { lease[0] == 2 JOB1(|| lease[1] == 2) -> /* expire.lua */
      for (y : 0 .. JOBS - 1) { if :: lease[y] == 2 -> reached(6); take_back(y, 1) :: else fi }
      check() }
#endif
#endif

  :: d_step { any(delayed) -> /* promote.lua */
      for (y : 0 .. JOBS - 1) { if :: delayed[y] -> reached(12); delayed[y] = 0; pending[y]++ :: else fi }
      check() }

#ifndef NO_STRANGERS
  :: d_step { note_due(0) JOB1(|| note_due(1)) -> /* strangers.lua */
      for (y : 0 .. JOBS - 1) {
        if
#ifdef BREAK_STRANGERS
        :: stranger(y) && note[y] == 2 ->
#else
        :: stranger(y) && note[y] == 2 && !other_body[y] ->
#endif
          reached(7);
          processing[y]--; pending[y]++; note[y] = 0; other_body[y] = 0; strayed[y] = 0
        :: stranger(y) && (note[y] == 0 || other_body[y]) ->
          note[y] = 1; other_body[y] = 0;
          if :: peer == y -> peer_noted = 1 :: else fi
        :: !stranger(y) -> note[y] = 0; other_body[y] = 0
        :: else
        fi
      }
      check() }
#endif
  od
}

/* --- the peer: a Python worker, without owner or lease ---------------------------------------- */

inline peer_take(j) {
  pending[j]--; processing[j]++;
  taken_from_all(j);
  peer = j; strayed[j] = 1; peer_noted = 0; done[j] = 0;
}
inline peer_leave() {
  if :: processing[peer] -> processing[peer]-- :: else fi;
  strayed[peer] = 0;
}
inline peer_end() {
  done[peer] = 1 + journal(peer); ended(peer);
}

proctype Peer() {
end:
  do
  :: d_step { peer == NOBODY && pending[0] -> peer_take(0); check() }
#if JOBS > 1
  :: d_step { peer == NOBODY && pending[1] -> peer_take(1); check() }
#endif
  :: d_step { peer != NOBODY -> /* done */
      peer_leave(); peer_end(); peer = NOBODY; peer_noted = 0; check() }
  :: d_step { peer != NOBODY -> /* failed */
      peer_leave(); burn_attempt(peer);
      if :: retries[peer] >= ATTEMPTS -> peer_end() :: else -> pending[peer]++; done[peer] = 0 fi;
      peer = NOBODY; peer_noted = 0; check() }
  :: d_step { peer != NOBODY && trouble -> trouble--; peer = NOBODY; peer_noted = 0; check() }
#ifdef PEER_TORN
  /* a crash between its LREM and its next command */
  :: d_step { peer != NOBODY && trouble -> trouble--;
      peer_leave(); peer = NOBODY; peer_noted = 0; check() }
#endif
  od
}

/* --- an operator -------------------------------------------------------------------------------- */

#ifdef BREAK_CANCEL
#define may_cancel(j) (pending[j] || delayed[j] || processing[j])
#else
#define may_cancel(j) (pending[j] || delayed[j] || owner[j])
#endif

inline cancel(j) { /* job_cancel.lua */
  if :: owner[j] -> reached(16) :: else fi;
  pending[j] = 0; delayed[j] = 0;
  for (x : 0 .. HANDS - 1) { if :: job[x] == j && owns(x) -> fenced[x] = 1 :: else fi }
  leave_processing(j);
  taken_from_all(j);
  put_among_dead(j)
}

proctype Operator() {
end:
  do
#define WISHES(j) \
  :: d_step { trouble && may_cancel(j) -> trouble--; cancel(j); check() } \
  :: d_step { trouble && dead[j] -> /* dead_retry.lua */ \
      trouble--; reached(18); dead[j] = 0; untold[j] = 0; pending[j]++; check() }
  WISHES(0)
#if JOBS > 1
  WISHES(1)
#endif
  od
}

/* --- time ------------------------------------------------------------------------------------- */

/* A process that runs renews every 5 s a lease of 20 s; so a lease runs out only when its owner is
 * dead, cut off, or does not know of the claim. */
#define kept(h, j) (working(h) && job[h] == j && token[h] == owner[j] && up(worker_of(h)))
#define lapses(j) (lease[j] == 1 && !kept(0, j) && !kept(HANDS - 2, j) && !kept(HANDS - 1, j))

inline lapse(j) {
  lease[j] = 2;
  for (x : 0 .. HANDS - 1) {
    if :: working(x) && job[x] == j && token[x] == owner[j] -> clock[x] = 2 :: else fi
  }
  check()
}

/* The job timeout passes over a note. A peer that lives is assumed to have ended its job by then:
 * it gives no sign of life. With PEER_LATE it may take longer. */
#ifdef PEER_LATE
#define outwaits(j) (note[j] == 1 && stranger(j) && (peer != j || trouble))
#else
#define outwaits(j) (note[j] == 1 && stranger(j) && !(peer == j && peer_noted))
#endif

inline outwait(j) {
  if :: peer == j && peer_noted -> trouble-- :: else fi;
  note[j] = 2; check()
}

proctype Time() {
end:
  do
  :: d_step { lapses(0) -> lapse(0) }
  :: d_step { outwaits(0) -> outwait(0) }
  /* the journal of a job that a peer ended has a time to live */
#ifndef NO_TTL
  :: d_step { done[0] == 2 -> reached(13); forget_journal(0); done[0] = 1; check() }
#endif
#if JOBS > 1
  :: d_step { lapses(1) -> lapse(1) }
  :: d_step { outwaits(1) -> outwait(1) }
#ifndef NO_TTL
  :: d_step { done[1] == 2 -> forget_journal(1); done[1] = 1; check() }
#endif
#endif
  :: d_step { cut[0] -> cut[0] = 0; check() }
  :: d_step { cut[1] -> cut[1] = 0; check() }
  od
}

/* --- the adversary ---------------------------------------------------------------------------- */

inline crash(w) {
  trouble--;
  alive[w] = 0; cut[w] = 0;
  for (x : 1 .. TOKENS) { if :: process_of[x] == w + 1 -> process_of[x] = w + 11 :: else fi }
  for (y : 0 .. HANDS - 1) { if :: worker_of(y) == w -> drop(y) :: else fi }
}

/* What has nothing in hand may stop as it likes: that changes nothing. */
#define busy(w) (busy_hand(0, w) || busy_hand(HANDS - 2, w) || busy_hand(HANDS - 1, w))
#define busy_hand(h, w) (worker_of(h) == w && phase[h] != IDLE)

proctype Adversary() {
end:
  do
#define HARMS(w) \
  :: d_step { trouble && alive[w] && busy(w) -> crash(w); knows[w] = 1; check() } \
  /* with its host, or its supervisor: nobody saw it die */ \
  :: d_step { trouble && alive[w] && busy(w) -> crash(w); knows[w] = 0; check() } \
  :: d_step { trouble && up(w) && busy(w) -> trouble--; cut[w] = 1; check() }
  HARMS(0)
  HARMS(1)
  od
}

/* --- every job is settled in the end ---------------------------------------------------------- */

#define settled(j) ((done[j] == 1 || dead[j] && !untold[j]) && !note[j])
#define all_settled (settled(0) JOB1(&& settled(1)))

#ifdef LIVENESS
ltl eventually { <> [] all_settled }
#else
/* Where nothing can happen any more, all must be well. */
proctype Judge() {
end:
  timeout -> assert(all_settled)
}
#endif

init {
  atomic {
    for (x : 0 .. JOBS - 1) { pending[x] = 1 }
    for (x : 0 .. HANDS - 1) { run Hand(x) }
    run Renewal(0); run Renewal(1);
    run Supervisor(0); run Supervisor(1);
    run Peer(); run Time(); run Adversary();
#ifdef OPERATOR
    run Operator();
#endif
#ifndef LIVENESS
    run Judge();
#endif
  }
}
