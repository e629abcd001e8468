// REFUSES: custody[A1]
// REFUSES-FIRST: custody[A3]: no advice
// REFUSES: custody[A4]
// REFUSES-ANY: custody[A5] | deleted
// REFUSES: custody[B1]
