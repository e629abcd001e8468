// VERDICT: ACCEPTED
// REFUSES: custody[T1]
#ifdef CUSTODY_REFUSED
#warning custody[T1]
#endif
