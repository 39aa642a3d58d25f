/* A table of records, one atomic step a call, and what Keep makes of it. */

/* keeper.Load, then middleware.classify: what the token t opens, sent in the cookie of owners (own) or in the other one. */
inline load(rec, trusted)
{
	if
	:: under(t).version == 0 -> state = UNKNOWN
	:: under(t).version != 0 && (trusted || under(t).verifier == secretOf(t)) ->
		if
		:: minute >= under(t).expires -> state = EXPIRED
		:: minute < under(t).expires && (under(t).owner != 0 && OWNERS == 1) != own -> state = UNKNOWN
		:: else -> state = LIVE; copyRecord(rec, under(t))
		fi
	:: else ->
		if
		:: minute < under(t).expires && minute < under(t).stale -> state = STALE; last = under(t).previous == secretOf(t)
		:: else -> state = UNKNOWN
		fi
	fi
}

/* Table.Save, one atomic step. What may never be written is asserted here, whoever asks for it. */
inline put(h, seen, rec)
{
	if
	:: MAY_REPLACE(seen, table[h].version) || REVIVES && table[h].version == 0 ->
		assert(!ended[h]);                                                      /* C4: deleted is final */
		assert(seen == 0 || table[h].verifier == secretOf(R.token));            /* C4: renewed is final, for who has the old token, */
		assert(rec.verifier == table[h].verifier || rec.verifier == rec.version); /* and none comes back */
		assert(R.applied == 0 || seen == 0);                                                 /* C5: stored once */
		R.applied = 1;
		copyRecord(table[h], rec);
		last_a = (R.op == SET_A || R.op == DELETE_A -> rec.a : last_a);
		step = DONE
	:: else -> step = (seen != 0 && table[h].version == 0 -> GONE : CONFLICT)
	fi
}

/* Table.Touch: expires moves, never the value. */
inline touch(h, seen)
{
	if
	:: MAY_TOUCH(seen, table[h].version) ->
		assert(!ended[h]);                                              /* C4 */
		assert(!(hasNoKeys(table[h]) && table[h].owner == 0));          /* what fades goes on fading */
		table[h].expires = NEVER
	:: else
	fi
}

/* Table.Delete: whatever version and token the record has by now. */
inline erase(h, seen)
{
	if
	:: MAY_DELETE(seen, table[h].version) -> clearRecord(table[h]); ended[h] = true
	:: else
	fi
}
