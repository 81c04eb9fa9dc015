package cortextest

// beyond answers for what a real Cortex does and the fake does not: no test can take it for an answer of Cortex's.
func beyond(what string) answer { return text(501, "The fake cannot run %s", what) }
