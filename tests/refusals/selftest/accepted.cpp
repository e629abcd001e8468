// VERDICT: ACCEPTED
// REFUSES: custody[T1]
int one() { return 1; }
